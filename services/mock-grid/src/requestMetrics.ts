import { Histogram, LATENCY_BUCKETS_S, type Registry } from "@greenlane/runtime";
import type { FastifyInstance } from "fastify";

/** Times every request that is answered, by route and status. A hanging one is counted when its client gives up. */
export function addRequestMetrics(http: FastifyInstance, metrics: Registry): void {
  const took = new Histogram({
    name: "mock_grid_request_seconds",
    help: "Requests, by route and status",
    labelNames: ["route", "status"],
    buckets: LATENCY_BUCKETS_S,
    registers: [metrics],
  });
  http.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    took.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}
