/** The ports at which GreenLane is known; configuration may move each of them. */
export const PORTS = {
  grpc: 50051,
  /** NegotiationService, of the booking process. */
  negotiation: 50052,
  mockGrid: 8081,
  console: 8080,
  kafka: 19092,
  redis: 6379,
  postgres: 5432,
  /** HTTP /health, /ready and /metrics of the services that have no HTTP of their own. */
  ingestionAdmin: 8082,
  pricingWorkerAdmin: 8083,
  bookingAdmin: 8084,
} as const;

/** gRPC metadata entry with the caller's token, and the token that development uses. */
export const API_TOKEN_METADATA = "x-api-token";
export const DEVELOPMENT_API_TOKEN = "greenlane-secret-token";
