import { expect, test } from "vitest";
import { isTransient } from "../src/index.ts";

const withCode = (code: string) => Object.assign(new Error("failed"), { code });

test.each([
  ["a connection that ended", new Error("Connection terminated unexpectedly"), true],
  ["a refused connection", withCode("ECONNREFUSED"), true],
  ["a server that shuts down", withCode("57P01"), true],
  ["too many connections", withCode("53300"), true],
  ["a deadlock", withCode("40P01"), true],
  ["a row that breaks a rule", withCode("23514"), false],
  ["a standby that is read-only", withCode("25006"), true],
  ["a password that is being rotated", withCode("28P01"), true],
  ["a table that is not there yet", withCode("42P01"), true],
  ["a text that no column holds", withCode("22021"), false],
  ["a defect of ours", new TypeError("undefined is not a function"), false],
])("%s: waiting helps: %s", (_what, error, helps) => {
  expect(isTransient(error)).toBe(helps);
});
