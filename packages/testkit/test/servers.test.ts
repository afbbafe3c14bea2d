import { expect, test } from "vitest";
import { startKafka, startPostgres, startRedis } from "../src/index.ts";

test.each([
  ["Redis", startRedis],
  ["Kafka", startKafka],
  ["Postgres", startPostgres],
])(
  "%s starts on a port of its own, survives a kill and answers again",
  async (_name, start) => {
    await using server = await start();
    expect(server.url).toContain(`${server.port}`);
    await server.kill();
    await server.restart();
  },
  120_000,
);
