import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Readiness } from "./service.ts";

export interface AdminRoutes {
  service: string;
  metrics: Registry;
  readiness: () => Readiness | Promise<Readiness>;
}

/** Adds GET /health (alive), /ready (200, or 503 with what is missing) and /metrics (Prometheus text). */
export function addAdminRoutes(http: FastifyInstance, routes: AdminRoutes): void {
  const startedAtMs = Date.now();
  http.get("/health", async () => ({
    status: "ok",
    service: routes.service,
    pid: process.pid,
    started_at: startedAtMs,
  }));
  http.get("/ready", async (_request, reply) => {
    const readiness = await routes.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  http.get("/metrics", async (_request, reply) => {
    return reply.type(routes.metrics.contentType).send(await routes.metrics.metrics());
  });
}

export interface AdminServer extends AsyncDisposable {
  port: number;
}

/** The admin HTTP of a process that has no HTTP of its own. Rejects when the port is taken. */
export async function startAdminServer(
  listen: { host: string; port: number },
  routes: AdminRoutes,
): Promise<AdminServer> {
  const http = Fastify({ forceCloseConnections: true });
  addAdminRoutes(http, routes);
  await http.listen(listen);
  return {
    port: (http.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => http.close(),
  };
}
