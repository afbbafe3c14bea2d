import { randomUUID } from "node:crypto";
import type { HerdRecord, HerdSize } from "@greenlane/lab";
import { openRedis, stationSlots } from "@greenlane/redis";
import { silentLogger } from "@greenlane/runtime";
import { cpuSeconds, type OwnServers, serverPids } from "@greenlane/stage";
import { closeDatabase, openDatabase } from "@greenlane/timescale";
import { type Accounts, accountsOf, FAULTS } from "./accounts.ts";
import { type Mischief, mischief } from "./chaos.ts";
import type { CarRecord } from "./generatorMessages.ts";
import { carsOf, HERD_WISH, herdOf, stationsOf, withBookings } from "./herdRecord.ts";
import { startHerdServices } from "./herdServices.ts";
import { LoadGenerator } from "./loadGenerator.ts";
import { registerStations, stationsKnown } from "./stage.ts";

export interface HerdRunOptions extends HerdSize {
  processes: number;
  /** Cars that ask a second; 0: all at once. */
  rate: number;
  chaos: boolean;
}

/** What a herd went through; all times in ms from the moment at which it asked. */
export interface HerdRun {
  seed: number;
  /** Until the last car had an answer; undefined when one had none. */
  answeredMs: number | undefined;
  /** Until the last car had its booking; undefined when one has none. */
  confirmedMs: number | undefined;
  requestToOffersMs: Percentiles;
  acceptToConfirmedMs: Percentiles;
  ends: Record<CarRecord["end"], number>;
  /** Requests that were uttered again. */
  repeats: number;
  /** Streams that broke. */
  streamsLost: number;
  /** Slots that were lost between offer and booking. */
  slotsLost: number;
  /** What the last refusals said, with their number. */
  refusals: Record<string, number>;
  accounts: Accounts;
  /** CPU time from the asking to the last answer, s, by process. */
  cpuS: Record<string, number>;
  chaos: { killed: string; killedMs: number; confirmedBefore: number; backMs: number; flushedMs: number } | undefined;
  record: HerdRecord;
}

export interface Percentiles {
  p50: number | undefined;
  p99: number | undefined;
}

/** What a herd may take; a car that has no answer then has none. */
const LIMIT = { ms: 60_000, perCarMs: 10 };
/** Redis and Kafka may be behind the database for so long. */
const CATCH_UP_MS = 30_000;
/** A herd that is sent first and not counted: users meet services that have run for a while. */
const WARM_UP = { seed: -1, cars: 10_000, seconds: 10 };
/** With chaos, what is to be done now and then is done often. */
const CHAOS_ENV = { AUDIT_EVERY_MS: "250", LEASE_MS: "1000" };

/** Sends one herd after another through the booking processes. */
export interface HerdRuns extends AsyncDisposable {
  /** @throws Error when the servers or the load generator fail */
  run(seed: number): Promise<HerdRun>;
}

/** Starts the booking processes on these servers. @throws Error with the end of the log of what did not become ready */
export async function startHerdRuns(servers: OwnServers, options: HerdRunOptions): Promise<HerdRuns> {
  await using opening = new AsyncDisposableStack();
  const token = randomUUID();
  const env = options.chaos ? CHAOS_ENV : {};
  const services = opening.use(await startHerdServices(servers, { processes: options.processes, token, env }));
  const targets = services.bookings.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`);
  const generator = opening.use(new LoadGenerator());
  const database = opening.adopt(openDatabase(servers.postgres.url, silentLogger), closeDatabase);
  const redis = opening.adopt(await openRedis(servers.redis.url, silentLogger), (client) => client.disconnect());
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const parts = { database, slots: stationSlots(redis), kafka, catchUpMs: CATCH_UP_MS };
  const ownPids = serverPids(servers);

  /** CPU time so far, s, by process. */
  function cpuSoFar(): Map<string, number> {
    const pids = [{ name: "generator", pid: generator.pid }, ...ownPids];
    return new Map([
      ...pids.map(({ name, pid }) => [name, cpuSeconds(pid) ?? 0] as const),
      ...services.bookings.map((booking) => [booking.name, booking.cpuSeconds()] as const),
    ]);
  }

  /** Puts a herd's stations into place, and its cars before the services. */
  async function prepare(size: HerdSize, seed: number) {
    const herd = herdOf(size, seed);
    const stations = stationsOf(herd);
    await registerStations(database, stations);
    await Promise.all(targets.map((target) => stationsKnown(target, token, stations)));
    await generator.prepare({ cars: carsOf(herd), wish: HERD_WISH, targets, token });
    return { herd, stations };
  }

  /** Has the cars that were prepared ask. */
  function ask({ cars, rate: perSecond, chaos: patient }: HerdRunOptions) {
    const limitMs = LIMIT.ms + LIMIT.perCarMs * cars + (perSecond === 0 ? 0 : (cars / perSecond) * 1_000);
    return generator.ask({ perSecond, patient, limitMs });
  }

  async function warmUp(): Promise<void> {
    const cars = Math.min(
      options.cars,
      WARM_UP.cars,
      options.rate === 0 ? options.cars : options.rate * WARM_UP.seconds,
    );
    const small = { ...options, cars, chaos: false };
    await prepare(small, WARM_UP.seed);
    const { settled } = await ask(small);
    await settled;
  }

  async function run(seed: number): Promise<HerdRun> {
    const { herd, stations } = await prepare(options, seed);
    const cpuBefore = cpuSoFar();
    const { askedAtMs, settled } = await ask(options);
    const done = options.chaos ? await mischief(services, redis, options.cars, seed) : undefined;
    const { cars, streamsLost } = await settled;
    const cpuS = [...cpuSoFar()].map(([name, seconds]) => [name, seconds - (cpuBefore.get(name) ?? 0)]);
    const stationIds = stations.map(({ stationId }) => stationId);
    const { accounts, bookings } = await accountsOf(parts, stationIds, cars);
    return {
      seed,
      ...timesOf(cars, askedAtMs),
      ...talesOf(cars),
      streamsLost,
      accounts,
      cpuS: Object.fromEntries(cpuS),
      chaos: done && chaosTold(done, cars, askedAtMs),
      record: withBookings(herd, askedAtMs, bookings),
    };
  }

  await warmUp();
  const started = opening.move();
  return { run, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** What was not as it must be, in words; none when all is well. */
export function faultsOf({ ends, accounts }: Pick<HerdRun, "ends" | "accounts">): string[] {
  const counted = [
    ...FAULTS.map((fault) => [fault, accounts[fault]] as const),
    ["unanswered", ends.unanswered] as const,
  ];
  return counted.filter(([, count]) => count > 0).map(([fault, count]) => `${fault}: ${count}`);
}

function timesOf(cars: readonly CarRecord[], askedAtMs: number) {
  const { p50, p99 } = { p50: 0.5, p99: 0.99 };
  const percentiles = (spans: number[]) => ({ p50: quantile(spans, p50), p99: quantile(spans, p99) });
  return {
    answeredMs: latest(cars.map((car) => car.answeredAtMs)) - askedAtMs || undefined,
    confirmedMs: latest(cars.map((car) => car.confirmedAtMs)) - askedAtMs || undefined,
    requestToOffersMs: percentiles(spansOf(cars, (car) => [car.askedAtMs, car.offeredAtMs])),
    acceptToConfirmedMs: percentiles(spansOf(cars, (car) => [car.acceptedAtMs, car.confirmedAtMs])),
  };
}

function spansOf(cars: readonly CarRecord[], ends: (car: CarRecord) => [number | undefined, number | undefined]) {
  return cars.flatMap((car) => {
    const [from, to] = ends(car);
    return from === undefined || to === undefined ? [] : [to - from];
  });
}

/** NaN when one is not there. */
const latest = (moments: (number | undefined)[]) =>
  moments.reduce<number>((last, at) => Math.max(last, at ?? Number.NaN), 0);

/** The least value that so great a share of all does not exceed. */
function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
}

function talesOf(cars: readonly CarRecord[]) {
  const ends = { booked: 0, waitlisted: 0, refused: 0, unanswered: 0 };
  const refusals: Record<string, number> = {};
  for (const { end, refusal } of cars) {
    ends[end]++;
    if (refusal !== "") refusals[refusal] = (refusals[refusal] ?? 0) + 1;
  }
  const sum = (count: (car: CarRecord) => number) => cars.reduce((total, car) => total + count(car), 0);
  return { ends, refusals, repeats: sum((car) => car.repeats), slotsLost: sum((car) => car.slotsLost) };
}

function chaosTold(
  { killed, killedAtMs, backAtMs, flushedAtMs }: Mischief,
  cars: readonly CarRecord[],
  askedAtMs: number,
) {
  return {
    killed,
    killedMs: killedAtMs - askedAtMs,
    confirmedBefore: cars.filter(({ confirmedAtMs = Number.POSITIVE_INFINITY }) => confirmedAtMs < killedAtMs).length,
    backMs: backAtMs - askedAtMs,
    flushedMs: flushedAtMs - askedAtMs,
  };
}
