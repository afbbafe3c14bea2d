import { API_TOKEN_METADATA, DEVELOPMENT_API_TOKEN } from "@greenlane/contracts";
import { durationMs, list, wholeNumber } from "@greenlane/runtime";

/** What each process that serves gRPC reads from its environment, beside its port. */
export const grpcEnv = {
  /** Tokens that clients may present; several while one is being rotated out. */
  API_TOKENS: list(DEVELOPMENT_API_TOKEN),
  MAX_MESSAGE_BYTES: wholeNumber(16_384, { min: 256, max: 4_194_304 }),
  STREAMS_PER_CONNECTION: wholeNumber(1_000, { min: 1, max: 100_000 }),
  KEEPALIVE_MS: durationMs(30_000, { min: 100, max: 3_600_000 }),
};

/** For `loadConfig`: production is not to run with the token that everybody knows. */
export function tokenRules({
  NODE_ENV,
  API_TOKENS = DEVELOPMENT_API_TOKEN,
}: Record<string, string | undefined>): string[] {
  const isOpen = API_TOKENS.split(",").some((token) => token.trim() === DEVELOPMENT_API_TOKEN);
  return NODE_ENV === "production" && isOpen
    ? [`API_TOKENS: set tokens of your own for ${API_TOKEN_METADATA}; the development token is refused in production`]
    : [];
}
