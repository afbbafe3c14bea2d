import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

/** How the grid misbehaves, for tests of those who depend on it. */
export interface Faults {
  latencyMs: number;
  /** Share of requests answered 500, 0 to 1. */
  errorRate: number;
  /** Every request is answered 503. */
  outage: boolean;
}

const wireFaults = z.strictObject({
  latency_ms: z.number().min(0).max(60_000).optional(),
  error_rate: z.number().min(0).max(1).optional(),
  outage: z.boolean().optional(),
});

/** Makes /api misbehave as told, and, where allowed, lets POST /faults tell it otherwise. */
export function addFaults(http: FastifyInstance, faults: Faults, switchable: boolean): void {
  http.addHook("onRequest", async (request, reply) => {
    if (!request.url.startsWith("/api/")) return;
    if (faults.latencyMs > 0) await sleep(faults.latencyMs);
    if (faults.outage) return reply.code(503).send({ error: "the grid is out (fault switch)" });
    if (Math.random() < faults.errorRate) return reply.code(500).send({ error: "the grid failed (fault switch)" });
  });
  if (!switchable) return;
  http.post("/faults", { schema: { hide: true } }, async (request, reply) => {
    const parsed = wireFaults.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    faults.latencyMs = parsed.data.latency_ms ?? faults.latencyMs;
    faults.errorRate = parsed.data.error_rate ?? faults.errorRate;
    faults.outage = parsed.data.outage ?? faults.outage;
    return faults;
  });
}
