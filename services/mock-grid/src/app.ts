import type { AddressInfo } from "node:net";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { type PriceProfile, priceCurve, syntheticProfile } from "@greenlane/domain";
import { addAdminRoutes, type Logger, type Runtime, type Service } from "@greenlane/runtime";
import Fastify from "fastify";
import type { MockGridConfig } from "./config.ts";
import { addFaults, type Faults, outOfOrder } from "./faults.ts";
import { loadNyisoProfile } from "./nyisoProfile.ts";
import { addPricingRoutes } from "./pricingRoutes.ts";
import { addRequestMetrics } from "./requestMetrics.ts";

/** A request that takes longer than this to arrive is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;
/** A stop waits so long for answers under way; those that hang on purpose would hold it for ever. */
const STOP_PATIENCE_MS = 2_000;

export interface MockGrid extends Service {
  port: number;
}

function profileOf(config: MockGridConfig, logger: Logger): PriceProfile {
  if (config.PRICE_PROFILE === "synthetic") return syntheticProfile;
  const { priceAt, days, dropped } = loadNyisoProfile(config.RETAIL_ADDER_PER_KWH);
  logger.info({ days, dropped }, "playing New York City's real prices");
  return priceAt;
}

/** Starts the mock grid: the price of any moment over HTTP. Rejects when its port is taken. */
export async function startMockGrid(config: MockGridConfig, runtime: Runtime): Promise<MockGrid> {
  const http = Fastify({ forceCloseConnections: "idle", requestTimeout: REQUEST_TIMEOUT_MS });
  await http.register(swagger, { openapi: { info: { title: "GreenLane mock grid", version: "1.0.0" } } });
  await http.register(swaggerUi, { routePrefix: "/docs" });
  const faults: Faults = {
    latencyMs: config.FAULT_LATENCY_MS,
    errorRate: config.FAULT_ERROR_RATE,
    outage: config.FAULT_OUTAGE,
    hang: config.FAULT_HANG,
    nonsense: config.FAULT_NONSENSE,
  };
  addRequestMetrics(http, runtime.metrics);
  addFaults(http, faults, config.NODE_ENV !== "production");
  const readiness = () => {
    const fault = outOfOrder(faults);
    return { ready: fault === null, checks: { grid: fault ?? "ok" } };
  };
  addAdminRoutes(http, { service: "mock-grid", metrics: runtime.metrics, readiness });
  addPricingRoutes(http, priceCurve(profileOf(config, runtime.logger), config.GRID_TIME_ZONE), runtime.clock);
  await http.listen({ host: config.LISTEN_HOST, port: config.PORT });
  const { port } = http.server.address() as AddressInfo;
  runtime.logger.info({ port, profile: config.PRICE_PROFILE }, "listening");
  async function stop(): Promise<void> {
    const patience = setTimeout(() => http.server.closeAllConnections(), STOP_PATIENCE_MS);
    await http.close();
    clearTimeout(patience);
  }
  return { port, readiness, stop };
}
