import { freePort } from "@greenlane/local-servers";
import { startServiceProcess, until } from "@greenlane/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { greenlaneInProcess } from "./inProcess.ts";
import { runGreenlane, startGreenlane } from "./programs.ts";
import { at } from "./seedDay.ts";
import { type SeededServers, startSeededServers } from "./seededServers.ts";
import { transcript } from "./transcript.ts";

let servers: SeededServers;

beforeAll(async () => {
  servers = await startSeededServers();
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

const golden = (name: string) => `./golden/${name}.txt`;

test.each([
  ["fleet-near", ["fleet", "near", "40.72", "-73.99", "5"]],
  ["fleet-show", ["fleet", "show", "CAR-003"]],
  ["fleet-silent", ["fleet", "silent", "--for", "60s"]],
  ["prices", ["prices", "--limit", "2"]],
  ["sessions", ["sessions"]],
  ["bookings", ["bookings"]],
  ["bookings-one", ["bookings", "CAR-003-1"]],
  ["topics", ["topics"]],
  ["tail", ["tail", "fleet-events", "-n", "3"]],
  ["help", ["--help"]],
])("what an operator reads is as in golden/%s.txt", async (name, args) => {
  await expect(transcript(args, await runGreenlane(args, servers.env))).toMatchFileSnapshot(golden(name));
});

test.each([
  ["fleet-near-limit", ["fleet", "near", "40.72", "-73.99", "5", "--limit", "2"]],
  ["fleet-near-json", ["fleet", "near", "40.72", "-73.99", "1.5", "--json"]],
  ["fleet-near-nobody", ["fleet", "near", "-33.9", "151.2", "5"]],
  ["fleet-near-help", ["fleet", "near", "--help"]],
  ["fleet-show-left", ["fleet", "show", "CAR-002", "-n", "1"]],
  ["fleet-show-json", ["fleet", "show", "CAR-003", "--json"]],
  ["fleet-show-unknown", ["fleet", "show", "CAR-999"]],
  ["fleet-silent-json", ["fleet", "silent", "--limit", "2", "--json"]],
  ["fleet-silent-nobody", ["fleet", "silent", "--for", "9d"]],
  ["prices-json", ["prices", "--json"]],
  ["sessions-of-car-json", ["sessions", "--car", "CAR-003", "--json"]],
  ["sessions-of-station", ["sessions", "--station", "S-7"]],
  ["sessions-since", ["sessions", "--since", "10s"]],
  ["bookings-filtered", ["bookings", "--station", "S-7", "--state", "NO_SHOW,canceled", "--limit", "1"]],
  ["bookings-json", ["bookings", "--car", "CAR-004", "--json"]],
  ["bookings-ahead", ["bookings", "--from", "+1h", "--until", "+2h"]],
  ["bookings-one-json", ["bookings", "B-2", "--json"]],
  ["bookings-one-refused", ["bookings", "B-4"]],
  ["bookings-unknown", ["bookings", "B-9"]],
  ["bookings-help", ["bookings", "--help"]],
  ["stations-help", ["stations", "--help"]],
  ["book-help", ["book", "--help"]],
  ["station-set-help", ["station", "set", "--help"]],
  ["tail-bookings", ["tail", "booking-events", "-n", "4"]],
  ["topics-json", ["topics", "--json"]],
  ["tail-strange", ["tail", "fleet-events.dead-letter"]],
  ["tail-strange-json", ["tail", "fleet-events.dead-letter", "--json"]],
  ["tail-unknown", ["tail", "no-such-topic"]],
])("what a command answers is as in golden/%s.txt", async (name, args) => {
  await expect(transcript(args, await greenlaneInProcess(args, servers.env))).toMatchFileSnapshot(golden(name));
});

test.each([
  ["live", ["live", "--from-beginning"], 19],
  ["live-json", ["live", "--from-beginning", "--json"], 19],
  ["live-filtered", ["live", "--from-beginning", "--below", "20", "--near", "40.72,-73.99,20"], 5],
  ["live-car", ["live", "--from-beginning", "--car", "CAR-001"], 3],
] as [string, string[], number][])("the live view is as in golden/%s.txt", async (name, args, events) => {
  await using program = startGreenlane(args, servers.env);
  const shown = () => program.said.stdout.match(/^(\[\d\d:|\{)/gm)?.length ?? 0;
  await until("every event that is asked for is shown", () => shown() >= events);
  program.child.kill("SIGINT");
  await expect(transcript(args, await program.ended())).toMatchFileSnapshot(golden(name));
});

test("the doctor says what to do about services that do not run", async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const url = `http://${nowhere}`;
  const run = await greenlaneInProcess(["doctor"], {
    ...servers.env,
    ...{ GRID_URL: url, INGESTION_ADMIN_URL: url, PRICING_WORKER_ADMIN_URL: url, INGESTION_TARGET: nowhere },
    ...{ BOOKING_ADMIN_URL: url, BOOKING_TARGET: nowhere },
  });
  await expect(transcript(["doctor"], run)).toMatchFileSnapshot(golden("doctor-failing"));
});

test("a session that charged since a moment is shown whole, with what it charged before", async () => {
  const since = new Date(at(20, 15, 34)).toISOString();
  const { stdout } = await greenlaneInProcess(
    ["sessions", "--since", since, "--car", "CAR-003", "--json"],
    servers.env,
  );
  expect(JSON.parse(stdout)).toMatchObject({ sessions: [{ session_id: "CAR-003-1", kwh: 0.5 }], more: 0 });
});

test("servers that take a connection and then say nothing are given up, in one line", async () => {
  const { kafka, redis, postgres, env } = servers;
  const silent = [kafka, redis, postgres];
  for (const server of silent) server.pause();
  try {
    const asked = [
      "fleet near 40.72 -73.99 5",
      "fleet show CAR-001",
      "prices",
      "topics",
      "tail fleet-events",
      "live",
      "bookings",
    ];
    const runs = await Promise.all(asked.map((line) => greenlaneInProcess(line.split(" "), env)));
    for (const { stdout, stderr, exitCode } of runs) {
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^greenlane: .* cannot be reached: .*\n$/);
      expect(exitCode).toBe(3);
    }
  } finally {
    for (const server of silent) server.resume();
  }
});

test("while one server is away, what the others know of a car is shown", async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  for (const env of [{ REDIS_URL: `redis://${nowhere}` }, { KAFKA_BROKERS: nowhere }]) {
    const run = await greenlaneInProcess(["fleet", "show", "CAR-003", "--json"], { ...servers.env, ...env });
    expect(JSON.parse(run.stdout)).toMatchObject({ car_id: "CAR-003", events: [{}, {}, {}] });
    expect(run.stderr).toContain(`${nowhere} cannot be reached`);
    expect(run.exitCode).toBe(3);
  }
});

// The last one: the services change what the others read.
test("the doctor finds a system well, and names what is wrong with the token", async () => {
  const ports = await Promise.all(Array.from({ length: 6 }, () => freePort()));
  const [grid = 0, admin = 0, grpc = 0, worker = 0, bookingAdmin = 0, bookingGrpc = 0] = ports;
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const given = { ...servers.env, LISTEN_HOST: "127.0.0.1", GRID_URL: url(grid) };
  await using _grid = await startServiceProcess("mock-grid", grid, { ...given, PORT: `${grid}` });
  await using _ingestion = await startServiceProcess("ingestion", admin, {
    ...{ ...given, GRPC_PORT: `${grpc}`, ADMIN_PORT: `${admin}` },
  });
  await using _worker = await startServiceProcess("pricing-worker", worker, { ...given, ADMIN_PORT: `${worker}` });
  await using _booking = await startServiceProcess("booking", bookingAdmin, {
    ...{ ...given, GRPC_PORT: `${bookingGrpc}`, ADMIN_PORT: `${bookingAdmin}` },
  });
  const env = {
    ...servers.env,
    ...{ GRID_URL: url(grid), INGESTION_ADMIN_URL: url(admin), PRICING_WORKER_ADMIN_URL: url(worker) },
    ...{ INGESTION_TARGET: `127.0.0.1:${grpc}`, BOOKING_TARGET: `127.0.0.1:${bookingGrpc}` },
    BOOKING_ADMIN_URL: url(bookingAdmin),
  };
  await until("both readers have caught up", async () => {
    const { stdout } = await greenlaneInProcess(["doctor"], env);
    return stdout.match(/ 0 records behind/g)?.length === 2;
  });
  await expect(transcript(["doctor"], await runGreenlane(["doctor"], env))).toMatchFileSnapshot(golden("doctor"));
  const json = await greenlaneInProcess(["doctor", "--json"], { ...env, API_TOKEN: "guess" });
  await expect(transcript(["doctor", "--json"], json)).toMatchFileSnapshot(golden("doctor-wrong-token"));
});
