import { freePort } from "@greenlane/local-servers";
import { openRedis } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { startKafka, startPostgres, startRedis, startServiceProcess, type TestServer, until } from "@greenlane/testkit";
import { closeDatabase, migrate, openDatabase, upsertStations } from "@greenlane/timescale";
import { afterAll, beforeAll, expect, test } from "vitest";
import { greenlaneInProcess } from "./inProcess.ts";
import { runGreenlane, startGreenlane } from "./programs.ts";
import { transcript } from "./transcript.ts";

const running = new AsyncDisposableStack();
let postgres: TestServer;
let env: Record<string, string>;

/** Stations to the north of each other, each with so many connectors. */
const STATIONS = [2, 3, 1].map((connectors, n) => ({
  ...{ stationId: `S-${n + 1}`, name: `Station ${n + 1}`, latitude: 40.7 + n / 50, longitude: -74 },
  connectors: Array.from({ length: connectors }, (_, m) => ({
    ...{ connectorId: `${m + 1}`, powerKw: 50, type: "CCS", status: "available" as const },
  })),
}));

beforeAll(async () => {
  const opened = async (starting: Promise<TestServer>) => running.use(await starting);
  const [kafka, redis] = await Promise.all([opened(startKafka()), opened(startRedis())]);
  postgres = await opened(startPostgres());
  await migrate(postgres.url, silentLogger);
  const database = openDatabase(postgres.url, silentLogger);
  await upsertStations(database, STATIONS);
  await closeDatabase(database);
  const [grid = 0, admin = 0, grpc = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  const servers = { KAFKA_BROKERS: kafka.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  const local = { LISTEN_HOST: "127.0.0.1" };
  running.use(await startServiceProcess("mock-grid", grid, { ...local, PORT: `${grid}` }));
  running.use(
    await startServiceProcess("booking", admin, {
      ...{ ...servers, ...local, GRPC_PORT: `${grpc}`, ADMIN_PORT: `${admin}`, GRID_URL: `http://127.0.0.1:${grid}` },
    }),
  );
  env = { ...servers, BOOKING_TARGET: `127.0.0.1:${grpc}` };
});
afterAll(async () => {
  await running.disposeAsync();
});

const greenlane = (...args: string[]) => greenlaneInProcess(args, env);

/** What a command prints with --json. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await greenlane(...args, "--json")).stdout);
}

interface Booked {
  booking_id: string;
  connector_id: string;
  start: number;
  end: number;
}

const book = async (car: string, station: string, ...options: string[]) =>
  (await json("book", car, station, "--battery", "20", ...options)) as unknown as Booked;

/** Prices of the moment, and the times of what is booked now, changed for what stands for them. */
const masked = (text: string) =>
  text
    .replaceAll(/\$\d+\.\d{2}(\d{2})?/g, (_, cents) => (cents === undefined ? "$N" : "$N.NNNN"))
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/in (\d+[hms] ?)+$/gm, "in SPAN")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "BOOKING-ID");

// The first ones, while nothing is booked.
test.each([
  ["stations", ["stations"]],
  ["stations-near", ["stations", "--near", "40.74,-74", "--radius", "3"]],
  ["stations-nobody", ["stations", "--near", "-33.9,151.2"]],
  ["stations-unknown", ["stations", "S-9"]],
  ["book-unknown-station", ["book", "CAR-001", "S-9", "--battery", "20"]],
  ["book-unreported", ["book", "CAR-999", "S-1"]],
  ["book-full", ["book", "CAR-001", "S-1", "--battery", "90"]],
  ["cancel-unknown", ["cancel", "B-9"]],
  ["station-set-unknown", ["station", "set", "S-1", "--connector", "9", "--status", "available"]],
])("what the booking process answers is as in golden/%s.txt", async (name, args) => {
  const said = masked(transcript(args, await runGreenlane(args, env)));
  await expect(said).toMatchFileSnapshot(`./golden/${name}.txt`);
});

test("what is booked is shown by its car, in the timeline, and free again when it is canceled", async () => {
  const args = ["book", "CAR-010", "S-1", "--battery", "20", "--at", "+1h"];
  const run = await greenlane(...args);
  await expect(masked(transcript(args, run))).toMatchFileSnapshot("./golden/book.txt");
  const [id = ""] = /[0-9a-f-]{36}/.exec(run.stdout) ?? [];
  expect(await json("bookings", "--car", "CAR-010")).toMatchObject({
    bookings: [{ booking_id: id, state: "RESERVED" }],
  });

  const { stdout } = await greenlane("stations", "S-1", "--hours", "4");
  // A sign is 5 minutes: what begins in an hour begins after 12 of them.
  expect(stdout.match(/^\d +50 +CCS +·{11,12}█{9,10}·+$/gm)).toHaveLength(1);
  expect(stdout).toMatch(new RegExp(` CAR-010 +RESERVED +${id}$`, "m"));
  expect(await json("stations", "S-1")).toMatchObject({ booked_next: 1, in_use: 0, bookings: [{ car_id: "CAR-010" }] });

  const canceling = ["cancel", id, "--reason", "a change of plan"];
  const canceled = await greenlane(...canceling);
  await expect(masked(transcript(canceling, canceled))).toMatchFileSnapshot("./golden/cancel.txt");
  expect(await json("stations", "S-1")).toMatchObject({ booked_next: 0, bookings: [] });
  const again = await greenlane(...canceling);
  expect(again).toMatchObject({ stdout: "", exitCode: 1 });
  expect(again.stderr).toContain("cannot be canceled");
});

test("all that is known of a booking is shown: what was asked, its price, and each of its changes", async () => {
  const { booking_id } = await book("CAR-011", "S-1", "--at", "+2h", "--target", "60");
  await greenlane("cancel", booking_id, "--reason", "a change of plan");
  const shown = await until("the log has both changes", async () => {
    const found = await json("bookings", booking_id);
    return (found.changes as object[]).length === 2 && found;
  });
  expect(shown).toMatchObject({
    ...{ booking_id, car_id: "CAR-011", state: "CANCELED", message: "a change of plan", session: null },
    request: { targetPercent: 60, stationIds: ["S-1"] },
    changes: [{ event_type: "booking_confirmed" }, { event_type: "booking_canceled" }],
  });
});

test("a car books with the charge that it reported, and why it cannot is said with exit code 1", async () => {
  const redis = await openRedis(env.REDIS_URL ?? "", silentLogger);
  await redis.hset("car:CAR-012", { battery: 50, velocity: 0, timestamp: Date.now() });
  redis.disconnect();
  const { booked, kwh } = (await json("book", "CAR-012", "S-1")) as unknown as { booked: boolean; kwh: number };
  expect(booked).toBe(true);
  expect(kwh).toBeCloseTo(0.3 * 62, 0);
  const again = await greenlane("book", "CAR-012", "S-3", "--battery", "20", "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ booked: false, car_id: "CAR-012", state: "REJECTED" });
  expect(again.stderr).toMatch(/^greenlane: not booked: the car has booking .*\n$/);
  expect(again.exitCode).toBe(1);
});

test("a connector that is taken out of order gives its bookings to others, and the live view tells of it", async () => {
  await using live = startGreenlane(["live", "--car", "CAR-013"], env);
  await until("the view reads the log", async () => {
    const { booking_id } = await book("CAR-013", "S-2", "--at", "+1h");
    await greenlane("cancel", booking_id);
    return live.said.stdout.includes("Canceled: ");
  });
  const booked = await book("CAR-013", "S-2", "--at", "+1h");
  const args = ["station", "set", "S-2", "--connector", booked.connector_id, "--status", "out-of-order"];
  const { stdout, exitCode } = await greenlane(...args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${booked.connector_id} +50 +CCS +out of order `, "m"));
  await until("the booking has moved", () => live.said.stdout.includes("Moved: "));
  live.child.kill("SIGINT");
  expect((await live.ended()).stdout).toMatch(
    / 🔁 CAR-013 {4}\| Moved: S-\d\/\d .* \| its connector is out of order\n/,
  );
  expect(await json("bookings", booked.booking_id)).toMatchObject({ state: "RESERVED" });
  expect(await json("stations", "S-2")).toMatchObject({ out_of_order: 1, connectors: 3 });
  const back = await json("station", "set", "S-2", "--status", "available");
  expect(back).toMatchObject({ out_of_order: 0, status: [1, 2, 3].map(() => ({ status: "available" })) });
});

test("a station with no connector that works has no price and is never free", async () => {
  await greenlane("station", "set", "S-3", "--status", "out-of-order");
  const { stations } = (await json("stations")) as { stations: object[] };
  expect(stations[2]).toMatchObject({ station_id: "S-3", out_of_order: 1, price_per_kwh: null, next_free: null });
  const { stdout } = await greenlane("stations", "S-3");
  expect(stdout).toMatch(/ {2}price now +none\n {2}next free +never\n/);
  expect(stdout).toMatch(/^1 +50 +CCS +x{48}$/m);
});

test("a token that the booking process does not know is said, and what to do about it", async () => {
  const { stderr, exitCode } = await greenlaneInProcess(["stations"], { ...env, API_TOKEN: "guess" });
  expect(stderr).toMatch(/^greenlane: the booking process at .* refuses the token: set API_TOKEN .*\n$/);
  expect(exitCode).toBe(1);
});

test("while the database is away, a station's timeline is shown all the same", async () => {
  postgres.pause();
  try {
    const { stdout, stderr, exitCode } = await greenlane("stations", "S-1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ station_id: "S-1", bookings: null, timeline: [{}, {}] });
    expect(stderr).toContain("the database at");
    expect(exitCode).toBe(3);
  } finally {
    postgres.resume();
  }
});
