import { readFileSync } from "node:fs";
import { PORTS } from "@greenlane/contracts";
import { STOP_TIMEOUT_MS } from "@greenlane/runtime";
import { expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

interface Composed {
  ports?: string[];
  build?: { target: string };
  stop_grace_period?: string;
}
const { services } = parse(read("deploy/docker-compose.yml"), { merge: true }) as {
  services: Record<string, Composed>;
};
const dockerfile = read("deploy/Dockerfile");

test("containers are reached at the ports that are known, and from this machine alone", () => {
  const published = Object.fromEntries(
    Object.entries(services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [[name, ports]])),
  );
  const at = (port: number) => `127.0.0.1:${port}:${port}`;
  expect(published).toEqual({
    redis: [at(PORTS.redis)],
    redpanda: [at(PORTS.kafka)],
    console: [at(PORTS.console)],
    timescale: [at(PORTS.postgres)],
    "mock-grid": [at(PORTS.mockGrid)],
    ingestion: [at(PORTS.grpc), at(PORTS.ingestionAdmin)],
    "pricing-worker": [at(PORTS.pricingWorkerAdmin)],
    booking: [at(PORTS.negotiation), at(PORTS.bookingAdmin)],
  });
});

test("the image is built on the Node that package.json asks for", () => {
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  expect(dockerfile.match(/^FROM node:(\d+)\./m)?.[1]).toBe(engines.node.replace(">=", ""));
});

test.each(Object.entries(services).filter(([, { build }]) => build !== undefined))(
  "%s is built by a target of the Dockerfile and is given the time of a clean stop",
  (_name, service) => {
    expect(dockerfile).toContain(` AS ${service.build?.target}\n`);
    expect(Number.parseInt(service.stop_grace_period ?? "", 10) * 1_000).toBeGreaterThan(STOP_TIMEOUT_MS);
  },
);
