import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { nonsenseAnswers } from "./nonsense.ts";

/** How the grid misbehaves, for tests of those who depend on it. */
export interface Faults {
  latencyMs: number;
  /** Share of requests answered 500, 0 to 1. */
  errorRate: number;
  /** Every request is answered 503. */
  outage: boolean;
  /** Requests are taken and never answered. */
  hang: boolean;
  /** Requests are answered 200 with what is no price. */
  nonsense: boolean;
}

const wireFaults = z.strictObject({
  latency_ms: z.number().min(0).max(60_000).optional(),
  error_rate: z.number().min(0).max(1).optional(),
  outage: z.boolean().optional(),
  hang: z.boolean().optional(),
  nonsense: z.boolean().optional(),
});

/** Why no price can be had; null while some can. */
export function outOfOrder({ outage, hang, nonsense }: Faults): string | null {
  const why = Object.entries({ outage, hang, nonsense }).filter(([, on]) => on);
  return why.length === 0 ? null : `${why.map(([name]) => name).join(", ")} (fault switch)`;
}

/** Makes /api misbehave as told, and, where allowed, lets POST /faults tell it otherwise. */
export function addFaults(http: FastifyInstance, faults: Faults, switchable: boolean): void {
  const nextNonsense = nonsenseAnswers();
  http.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.url?.startsWith("/api/") !== true) return;
    if (faults.hang) return reply.hijack();
    if (faults.latencyMs > 0) await sleep(faults.latencyMs);
    if (faults.outage) return reply.code(503).send({ error: "the grid is out (fault switch)" });
    if (Math.random() < faults.errorRate) return reply.code(500).send({ error: "the grid failed (fault switch)" });
    if (faults.nonsense) return reply.type("application/json").send(nextNonsense());
  });
  if (!switchable) return;
  http.post("/faults", { schema: { hide: true } }, async (request, reply) => {
    const parsed = wireFaults.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    faults.latencyMs = parsed.data.latency_ms ?? faults.latencyMs;
    faults.errorRate = parsed.data.error_rate ?? faults.errorRate;
    faults.outage = parsed.data.outage ?? faults.outage;
    faults.hang = parsed.data.hang ?? faults.hang;
    faults.nonsense = parsed.data.nonsense ?? faults.nonsense;
    return faults;
  });
}
