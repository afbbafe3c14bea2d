import { z } from "zod";

/** The configuration of a process does not hold; the message lists every fault, each naming its variable. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads a process's configuration from its environment. A variable set to "" counts as not set.
 * @param rules what else is at fault of the variables that are set, each fault beginning with its variable's name
 * @throws ConfigError naming every variable at fault, all at once.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Record<string, string | undefined> = process.env,
  rules: (given: Record<string, string | undefined>) => string[] = () => [],
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = z.object(shape).safeParse(given);
  const broken = rules(given);
  if (parsed.success && broken.length === 0) return parsed.data;
  const issues = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  const faults = [...issues, ...broken].map((fault) => `  ${fault}`);
  throw new ConfigError(`The environment does not hold a valid configuration:\n${faults.join("\n")}`);
}

/** A whole number within bounds. */
export function wholeNumber(fallback: number, bounds: { min: number; max: number }) {
  return z.coerce
    .number(`must be a whole number from ${bounds.min} to ${bounds.max}`)
    .int()
    .min(bounds.min)
    .max(bounds.max)
    .default(fallback);
}

/** A TCP port; 0 lets the system choose one. */
export function port(fallback: number) {
  return wholeNumber(fallback, { min: 0, max: 65_535 });
}

/** A span of time in milliseconds, up to a day. */
export function durationMs(fallback: number, bounds: { min: number; max: number } = { min: 1, max: 86_400_000 }) {
  return wholeNumber(fallback, bounds);
}

/** true or false. */
export function flag(fallback: boolean) {
  return z
    .enum(["true", "false"])
    .default(fallback ? "true" : "false")
    .transform((text) => text === "true");
}

/** Comma-separated, at least one. */
export function list(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .refine((items) => items.length > 0, "must name at least one");
}

/** What every process reads: how it logs and where its admin HTTP listens. */
export const processEnv = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  /** auto: readable in a terminal, JSON elsewhere. */
  LOG_FORMAT: z.enum(["auto", "json", "pretty"]).default("auto"),
  /** Names this process among its kind, in logs, headers and connectivity events. */
  INSTANCE_ID: z
    .string()
    .min(1)
    .max(64)
    .default(`${process.env.HOSTNAME ?? "local"}-${process.pid}`),
  /** The address that servers of this process listen on. */
  LISTEN_HOST: z.string().default("0.0.0.0"),
};
