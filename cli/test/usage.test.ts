import { freePort } from "@greenlane/local-servers";
import { expect, test } from "vitest";
import { greenlaneInProcess } from "./inProcess.ts";

test.each([
  ["a latitude off the Earth", ["fleet", "near", "90.1", "0", "1"], "lat"],
  ["a latitude off the map of Redis", ["fleet", "near", "-86", "0", "1"], "lat"],
  ["a longitude off the Earth", ["fleet", "near", "0", "-180.5", "1"], "lon"],
  ["a negative distance", ["fleet", "near", "0", "0", "-1"], "km"],
  ["no distance", ["fleet", "near", "40.7", "-74"], "km"],
  ["a word for a number", ["live", "--below", "low"], "--below"],
  ["a number that is none", ["live", "--below", "0x10"], "--below"],
  ["a charge above 100 %", ["live", "--below", "101"], "--below"],
  ["half a place", ["live", "--near", "40.7,-74"], "--near"],
  ["a place off the Earth", ["live", "--near", "40.7,-274,2"], "--near"],
  ["a time without a unit", ["fleet", "silent", "--for", "60"], "--for"],
  ["a moment that is none", ["sessions", "--since", "yesterday"], "--since"],
  ["no car", ["fleet", "show"], "car"],
  ["an empty car", ["fleet", "show", ""], "car"],
  ["too many rows", ["prices", "--limit", "1000000"], "--limit"],
  ["a radius around nothing", ["stations", "--radius", "2"], "--radius"],
  ["a place of one station", ["stations", "S-7", "--near", "40.7,-74"], "--near"],
  ["a radius that nobody looks through", ["stations", "--near", "40.7,-74", "--radius", "501"], "--radius"],
  ["a place with a radius", ["stations", "--near", "40.7,-74,2"], "--near"],
  ["no hours", ["stations", "S-7", "--hours", "0"], "--hours"],
  ["a state that is none", ["bookings", "--state", "RESERVED,LOST"], "--state"],
  ["a moment ahead that is none", ["bookings", "--from", "+soon"], "--from"],
  ["no station to book at", ["book", "CAR-001"], "station"],
  ["a target above 100 %", ["book", "CAR-001", "S-7", "--target", "120"], "--target"],
  ["no booking to cancel", ["cancel"], "booking"],
  ["no status", ["station", "set", "S-7"], "--status"],
  ["a status that is none", ["station", "set", "S-7", "--status", "broken"], "--status"],
  ["an unknown option", ["topics", "--colour"], "--colour"],
  ["an argument too many", ["prices", "today"], "arguments"],
  ["an unknown command", ["flee"], "flee"],
])("%s is bad usage, and the message names the argument", async (_what, args, name) => {
  const { stdout, stderr, exitCode } = await greenlaneInProcess(args, {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain(name);
  expect(stdout).toBe("");
});

test("an environment that does not hold is bad usage, and each variable at fault is named", async () => {
  const env = { REDIS_URL: "localhost", KAFKA_BROKERS: ",", GRID_URL: "ftp://grid" };
  const { stderr, exitCode } = await greenlaneInProcess(["prices"], env);
  expect(exitCode).toBe(2);
  for (const name of Object.keys(env)) expect(stderr).toContain(name);
});

test.each([
  ["fleet near 40.7 -74 2", "Redis"],
  ["fleet near -33.9 -7e1 .5", "Redis"],
  ["fleet show CAR-001", "Redis"],
  ["fleet silent", "Redis"],
  ["prices", "the database"],
  ["sessions", "the database"],
  ["bookings", "the database"],
  ["bookings B-1", "the database"],
  ["stations", "the booking process"],
  ["stations S-7", "the booking process"],
  ["book CAR-001 S-7 --battery 20", "the booking process"],
  ["book CAR-001 S-7", "Redis"],
  ["cancel B-1", "the booking process"],
  ["station set S-7 --status available", "the booking process"],
  ["topics", "Kafka"],
  ["tail fleet-events", "Kafka"],
  ["live", "Kafka"],
])("greenlane %s says in one line that %s cannot be reached, without its password", async (line, server) => {
  const port = await freePort();
  const { stdout, stderr, exitCode } = await greenlaneInProcess(line.split(" "), {
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    REDIS_URL: `redis://user:secret@127.0.0.1:${port}`,
    DATABASE_URL: `postgresql://user:secret@127.0.0.1:${port}/greenlane`,
    BOOKING_TARGET: `127.0.0.1:${port}`,
  });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(
    new RegExp(`^greenlane: ${server} at 127.0.0.1:${port} cannot be reached: .*ECONNREFUSED.*\n$`),
  );
  expect(stderr).not.toContain("secret");
  expect(stdout).toBe("");
});
