import {
  type CarMessage,
  ConnectorStatus,
  CounterWish,
  type EngineMessage__Output,
  loadFleetPackage,
  RefusalReason,
} from "@greenlane/contracts";
import { silentLogger } from "@greenlane/runtime";
import { until } from "@greenlane/testkit";
import { closeDatabase, migrate, openDatabase, upsertStations } from "@greenlane/timescale";
import { status } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { type Damage, damaged, someDamage } from "../damage.ts";
import {
  type Framing,
  framed,
  isWellMannered,
  type Manner,
  mayEndSo,
  PATIENCE_MS,
  RawCall,
  sendGarbage,
  someFraming,
  someGarbage,
  someManner,
} from "../grpcCall.ts";
import { asMs, type Moment, someId, someMoment, someNumber } from "../strange.ts";
import type { FuzzTarget } from "../target.ts";

const { service } = loadFleetPackage().NegotiationService;
const { requestSerialize, responseDeserialize, path: NEGOTIATE } = service.Negotiate;

/** In the place of an id: that of the offer, and so of the booking, that was heard of last. */
const HEARD = "the one heard of last";

const CARS = ["CAR-1", "CAR-2", "CAR-3", "CAR-4"];
const carId = someId(CARS);
const requestId = someId(["R1", "R2", "R3"]);
const bookingId = someId([HEARD, "B1"]);
const stationId = someId(["S1", "S2", "S3"]);
const latitude = someNumber(40.7, 40.8);
const longitude = someNumber(-74, -73.9);
/** Mostly left out. */
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 6, nil: undefined });

type Said = Omit<CarMessage, "kind">;

const someSaid: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        request_id: requestId,
        car_id: carId,
        latitude,
        longitude,
        battery_level: someNumber(5, 50),
        capacity_kwh: someNumber(20, 100),
        consumption_kwh_per_km: someNumber(0, 0.3),
        target_level: someNumber(60, 100),
        least_level: rarely(someNumber(0, 60)),
        connector_types: rarely(fc.array(someId(["CCS"]), { maxLength: 70 })),
        max_power_kw: rarely(someNumber(0, 300)),
        earliest: rarely(someMoment.map(asWire)),
        latest: rarely(someMoment.map(asWire)),
        max_wait_minutes: rarely(someNumber(0, 60)),
        value_per_hour: rarely(someNumber(0, 100)),
        max_price_per_kwh: rarely(someNumber(0, 1)),
        station_ids: rarely(fc.array(stationId, { maxLength: 70 })),
      })
      .map((request) => ({ request: withoutUndefined(request) })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ request_id: requestId, offer_id: bookingId, car_id: carId }).map((accept) => ({ accept })),
  },
  { weight: 1, arbitrary: fc.record({ request_id: requestId, car_id: carId }).map((decline) => ({ decline })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ request_id: requestId, car_id: carId, wish: fc.constantFrom(...Object.values(CounterWish), 99 as 4) })
      .map((counter) => ({ counter })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ booking_id: bookingId, car_id: carId, earliest: someMoment.map(asWire) })
      .map((move) => ({ move })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        car_id: carId,
        capacity_kwh: someNumber(20, 100),
        consumption_kwh_per_km: someNumber(0, 0.3),
        max_power_kw: someNumber(0, 300),
        connector_types: fc.array(someId(["CCS"]), { maxLength: 70 }),
        idle: fc.boolean(),
      })
      .map((presence) => ({ presence })),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

/** On the wire a moment is fixed; the relative ones are from the start of the run, a minute or a day do not matter. */
const STARTED_AT_MS = Date.now();
function asWire(moment: Moment): number {
  return "atMs" in moment ? asMs(moment) : Math.round(STARTED_AT_MS + moment.fromNowMs);
}

function withoutUndefined<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

interface Message {
  said: Said;
  damage: Damage;
  framing: Framing;
}

const UNARY = {
  RequestBooking: fc.record({
    car_id: carId,
    station_id: stationId,
    expected_arrival: someMoment.map(asWire),
    battery_level: someNumber(0, 50),
    request_id: fc.oneof(fc.constant(""), requestId),
    target_level: someNumber(0, 100),
    capacity_kwh: someNumber(0, 100),
    max_power_kw: someNumber(0, 300),
  }),
  CancelBooking: fc.record({ booking_id: bookingId, reason: someId(["", "why not"]) }),
  GetBooking: fc.record({ booking_id: bookingId }),
  ListStations: fc.record({
    station_ids: fc.oneof(fc.constant([]), fc.array(stationId, { maxLength: 5 })),
    latitude,
    longitude,
    radius_km: fc.oneof(fc.constant(0), someNumber(0, 500)),
  }),
  SetStationStatus: fc.record({
    station_id: stationId,
    connector_id: fc.oneof(fc.constant(""), someId(["c1", "c2"])),
    status: fc.constantFrom(...Object.values(ConnectorStatus), 99 as 2),
  }),
} as const;
type UnaryName = keyof typeof UNARY;

type Input =
  | { kind: "conversation"; rounds: Message[][]; manner: Manner }
  | {
      kind: "call";
      method: UnaryName;
      asked: Record<string, unknown>;
      damage: Damage;
      framing: Framing;
      manner: Manner;
    }
  | { kind: "garbage"; bytes: Buffer };

const someMessage = fc.record({ said: someSaid, damage: someDamage, framing: someFraming });
const someCall = fc.constantFrom(...(Object.keys(UNARY) as UnaryName[])).chain((method) =>
  fc.record({
    kind: fc.constant("call" as const),
    method: fc.constant(method),
    asked: UNARY[method] as fc.Arbitrary<Record<string, unknown>>,
    damage: someDamage,
    framing: someFraming,
    manner: someManner,
  }),
);

const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("conversation" as const),
      rounds: fc.array(fc.array(someMessage, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      manner: someManner,
    }),
  },
  { weight: 4, arbitrary: someCall },
  { weight: 1, arbitrary: someGarbage.map((bytes) => ({ kind: "garbage" as const, bytes })) },
);

/** What cars, depots and operators may say to the engine. */
export const negotiation: FuzzTarget<Input> = {
  name: "negotiation",
  about: "protobuf bytes, gRPC frames and bare connections into all calls of booking's NegotiationService",
  input,
  async start(stage) {
    await standStations(stage.servers.postgres.url);
    await stage.service("mock-grid");
    const booking = await stage.service("booking");
    let heardId = "B1";
    let served = 0;

    /** Sends a last message that is answered in its turn, and waits until it is, or the call is over. */
    async function allTaken(call: RawCall, sentinel: string): Promise<EngineMessage__Output[]> {
      await call.send(framed(requestSerialize({ decline: { car_id: "SENTINEL", request_id: sentinel } })));
      const answers = () => call.answers.map(responseDeserialize);
      await until(
        "all is taken",
        () => call.isOver || answers().some(({ refusal }) => refusal?.request_id === sentinel),
        PATIENCE_MS,
      );
      return answers();
    }

    async function converse(rounds: Message[][], manner: Manner): Promise<void> {
      const call = new RawCall(booking.grpcPort, NEGOTIATE, manner.headers);
      let mayHang = false;
      for (const [n, round] of rounds.entries()) {
        const frames = round.map(({ said, damage, framing }) =>
          framed(damaged(requestSerialize(asSaid(said, heardId)), damage), framing),
        );
        await call.send(Buffer.concat(frames), manner.cuts);
        mayHang ||= !isWellMannered(
          { ...manner, end: "half-close" },
          round.map(({ framing }) => framing),
        );
        if (mayHang) break; // behind a frame that is none nothing is heard
        const answers = await allTaken(call, `round ${n}`);
        for (const answer of answers) mayBeSaid(answer);
        heardId = answers.findLast(({ offers }) => offers)?.offers?.offers[0]?.offer_id ?? heardId;
      }
      if (manner.rest.length > 0) await call.send(Buffer.from(manner.rest));
      // A conversation that goes on well ends when all is decided, which offers take their time for.
      mayEndSo(
        await call.end(
          manner.end === "half-close" && !mayHang ? "cancel" : manner.end === "vanish" ? "vanish" : "cancel",
        ),
      );
    }

    return {
      services: [booking],
      async take(given) {
        if (given.kind === "garbage") return sendGarbage(booking.grpcPort, given.bytes);
        if (given.kind === "conversation") return converse(given.rounds, given.manner);
        const { method, asked, damage, framing, manner } = given;
        const { path, requestSerialize: serialize } = service[method];
        const call = new RawCall(booking.grpcPort, path, manner.headers);
        const bytes = damaged((serialize as (asked: unknown) => Buffer)(named(asked, heardId)), damage);
        await call.send(Buffer.concat([framed(bytes, framing), manner.rest]), manner.cuts);
        const end = await call.end(manner.end);
        mayEndSo(end, CALLERS_FAULTS);
        if (/defect|internal/i.test(end.details)) throw new Error(`${method} met ${end.details}`);
      },
      async serve() {
        const car_id = `GOOD-${++served}`;
        const call = new RawCall(booking.grpcPort, NEGOTIATE);
        const place = { latitude: 40.75, longitude: -73.98, battery_level: 50, target_level: 60, capacity_kwh: 40 };
        await call.send(framed(requestSerialize({ request: { request_id: "R", car_id, ...place } })));
        await until("a good request is answered", () => call.answers.length > 0, PATIENCE_MS);
        await call.end("cancel");
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

const CALLERS_FAULTS = [status.INVALID_ARGUMENT, status.NOT_FOUND, status.FAILED_PRECONDITION, status.UNAVAILABLE];

async function standStations(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl, silentLogger);
  const database = openDatabase(databaseUrl, silentLogger);
  const connectors = ["c1", "c2", "c3", "c4"].map((connectorId) => {
    return { connectorId, powerKw: 50, type: "CCS", status: "available" as const };
  });
  const stations = Array.from({ length: 12 }, (_, n) => {
    return { stationId: `S${n + 1}`, name: `S${n + 1}`, latitude: 40.7 + n / 100, longitude: -73.98, connectors };
  });
  await upsertStations(database, stations);
  await closeDatabase(database);
}

function named<Fields extends object>(fields: Fields, heardId: string): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [name, value === HEARD ? heardId : value]);
  return Object.fromEntries(entries) as Fields;
}

const asSaid = (said: Said, heardId: string): CarMessage =>
  Object.fromEntries(Object.entries(said).map(([kind, body]) => [kind, named(body as object, heardId)]));

/** An answer that a car can make something of. */
function mayBeSaid({ kind, refusal, offers }: EngineMessage__Output): void {
  if (kind === undefined) throw new Error("the engine says nothing");
  if (refusal && (refusal.message === "" || refusal.reason === RefusalReason.REFUSAL_REASON_UNKNOWN))
    throw new Error(`a refusal without a reason: ${JSON.stringify(refusal)}`);
  if (refusal?.reason === RefusalReason.INVALID && refusal.field === "")
    throw new Error(`a refusal that names no field: ${JSON.stringify(refusal)}`);
  for (const { start = 0, end = 0, price_total = 0 } of offers?.offers ?? []) {
    if (!(end > start) || !Number.isFinite(price_total))
      throw new Error(`an offer of nothing: ${JSON.stringify(offers)}`);
  }
}
