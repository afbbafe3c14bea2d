import { expect, test } from "vitest";
import { ConfigError, durationMs, flag, list, loadConfig, port, wholeNumber } from "../src/index.ts";

const shape = {
  GRPC_PORT: port(50051),
  BATCH: wholeNumber(10, { min: 1, max: 100 }),
  WAIT_MS: durationMs(500),
  BROKERS: list("localhost:19092"),
  STRICT: flag(false),
};

test("what the environment leaves out, or sets to nothing, takes its default", () => {
  expect(loadConfig(shape, { BATCH: "" })).toEqual({
    GRPC_PORT: 50051,
    BATCH: 10,
    WAIT_MS: 500,
    BROKERS: ["localhost:19092"],
    STRICT: false,
  });
});

test("text of the environment becomes numbers, lists and flags", () => {
  expect(loadConfig(shape, { GRPC_PORT: "0", BROKERS: "a:1, b:2", STRICT: "true" })).toMatchObject({
    GRPC_PORT: 0,
    BROKERS: ["a:1", "b:2"],
    STRICT: true,
  });
});

test("every variable at fault is named at once", () => {
  const faulty = { GRPC_PORT: "70000", BATCH: "many", WAIT_MS: "-1", BROKERS: ",", STRICT: "yes" };
  const error = (() => {
    try {
      loadConfig(shape, faulty);
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(ConfigError);
  for (const variable of Object.keys(faulty)) expect(String(error)).toContain(variable);
});
