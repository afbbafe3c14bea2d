import type { City } from "@greenlane/city";
import {
  type Booking__Output,
  type CarMessage__Output,
  chargeRequestFault,
  type EngineMessage__Output,
  RefusalReason,
  type Telemetry,
  telemetryFault,
  WireBookingState,
} from "@greenlane/contracts";
import { distanceKm, type Point, secondsToCharge, seededRandom } from "@greenlane/domain";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Bargainer } from "../src/bargainer.ts";
import { SimulatedCar } from "../src/simulatedCar.ts";
import { booking, heardByEngine, offers, refusal, waitlisted } from "./engineWords.ts";

const START_MS = 1_800_000_000_000;
const TRAITS = { capacityKwh: 50, kwhPerKm: 0.18, topUpPercent: 2, speedUp: 1 };
const POWER_KW = 50;
const SPEED_KMH = 30;

const harlem: Point = { latitude: 40.81, longitude: -73.95 };
const village: Point = { latitude: 40.73, longitude: -74 };
const chelsea: Point = { latitude: 40.745, longitude: -74 };

const plug = { connectorId: "1", powerKw: POWER_KW, type: "CCS", status: "available" } as const;
const stationAt = (stationId: string, at: Point) => ({ stationId, name: "", ...at, connectors: [plug] });
const city: City = {
  trips: [{ from: harlem, to: village }],
  stations: [stationAt("Harlem", harlem), stationAt("Village", village)],
};

/** A car that begins beside the station in Harlem, and neither counters nor declines. */
function lowCar(batteryPercent: number, traits = TRAITS, seed = 1): SimulatedCar {
  const bargainer = new Bargainer("CAR-1", traits, () => 0.99);
  return new SimulatedCar("CAR-1", batteryPercent, traits, city, seededRandom(seed), bargainer);
}

/** What an engine makes of what a car says. */
type Answer = (message: CarMessage__Output, nowMs: number) => EngineMessage__Output[];

/** Lets a car live and talk, second by second. @returns its reports */
function live(car: SimulatedCar, seconds: number, answer: Answer, fromMs = START_MS, speedUp = 1): Telemetry[] {
  const reports: Telemetry[] = [];
  for (let nowMs = fromMs + 1_000; nowMs <= fromMs + seconds * 1_000; nowMs += 1_000) {
    car.step(speedUp, nowMs);
    reports.push(car.report(nowMs));
    for (let words = car.takeWords(); words.length > 0; words = car.takeWords()) {
      for (const each of words) {
        if (each.kind !== "say") continue;
        for (const message of answer(heardByEngine(each.message), nowMs)) car.hear(message, nowMs);
      }
    }
  }
  return reports;
}

interface Grant extends Point {
  stationId: string;
  /** After the car could be there, ms. */
  delayMs: number;
}

/** An engine that grants each wish, and what it has granted. */
function granting(grant: Grant) {
  const bookings: Partial<Booking__Output>[] = [];
  const answer: Answer = ({ request, accept }, nowMs) => {
    if (request) {
      expect(chargeRequestFault(request)).toBeNull();
      const km = 1.3 * distanceKm(request, grant);
      const arrivalPercent = request.battery_level - ((km * TRAITS.kwhPerKm) / TRAITS.capacityKwh) * 100;
      const start = nowMs + Math.ceil((km / SPEED_KMH) * 3_600_000) + grant.delayMs;
      const charger = { capacityKwh: TRAITS.capacityKwh, maxPowerKw: POWER_KW };
      const end = start + Math.ceil(secondsToCharge(arrivalPercent, request.target_level, charger) * 1_000);
      const kwh = ((request.target_level - arrivalPercent) / 100) * TRAITS.capacityKwh;
      const { stationId: station_id, latitude, longitude } = grant;
      const booking_id = `B-${bookings.length + 1}`;
      bookings.push({ booking_id, station_id, latitude, longitude, start, end, kwh });
      return [offers(request.request_id, [{ offer_id: booking_id, start, end, latitude, longitude }])];
    }
    const granted = accept ? bookings.find(({ booking_id }) => booking_id === accept.offer_id) : undefined;
    return granted === undefined ? [] : [booking(granted)];
  };
  return { bookings, answer };
}

const sessionsOf = (reports: Telemetry[]) => Map.groupBy(reports, ({ sessionId }) => sessionId);

test.each([
  ["at once", 0],
  ["in two minutes", 120_000],
])("a car plugs in as its slot %s begins, under the booking's id, charges what it booked and leaves", (_, delayMs) => {
  const { bookings, answer } = granting({ ...village, stationId: "Village", delayMs });
  const reports = live(lowCar(12), 3_600, answer);
  const [first] = bookings;
  const session = sessionsOf(reports).get("B-1") ?? [];
  expect(session[0]?.chargingStationId).toBe("Village");
  expect((session[0]?.timestampMs ?? 0) - (first?.start ?? 0)).toBeGreaterThanOrEqual(0);
  expect((session[0]?.timestampMs ?? 0) - (first?.start ?? 0)).toBeLessThanOrEqual(1_000);
  expect(session.at(-1)?.energyKwh).toBeCloseTo(first?.kwh ?? 0, 2);
  const unplugged = reports.find(({ timestampMs }) => timestampMs > (session.at(-1)?.timestampMs ?? 0));
  expect((unplugged?.timestampMs ?? 0) - (first?.end ?? 0)).toBeLessThanOrEqual(2_000);
  expect([...sessionsOf(reports).keys()].filter((id) => id !== "" && !/^B-\d+$/.test(id))).toEqual([]);
});

test("a car that has time until its slot waits where it is, or at the station, and never plugs in early", () => {
  const waits = { there: 0, here: 0 };
  for (let seed = 0; seed < 20; seed++) {
    const { bookings, answer } = granting({ ...village, stationId: "Village", delayMs: 600_000 });
    const reports = live(lowCar(12, TRAITS, seed), 2_400, answer);
    const startMs = bookings[0]?.start ?? 0;
    const parked = reports.filter(({ timestampMs, velocityKmh }) => velocityKmh === 0 && timestampMs < startMs);
    waits[distanceKm(parked.at(-1) ?? harlem, village) < 0.01 && parked.length > 400 ? "there" : "here"]++;
    expect(parked.filter(({ sessionId }) => sessionId !== "")).toEqual([]);
    expect(sessionsOf(reports).has("B-1")).toBe(true);
  }
  expect(Math.min(waits.there, waits.here)).toBeGreaterThan(0);
});

test("a car whose booking is moved to another station goes there instead", () => {
  const { bookings, answer } = granting({ ...village, stationId: "Village", delayMs: 300_000 });
  const car = lowCar(12);
  live(car, 200, answer);
  const [former] = bookings;
  const later = { start: (former?.start ?? 0) + 600_000, end: (former?.end ?? 0) + 600_000 };
  car.hear(booking({ ...former, ...later, ...chelsea, station_id: "Chelsea", version: 2 }), START_MS + 200_000);
  const session = sessionsOf(live(car, 3_600, answer, START_MS + 200_000)).get("B-1") ?? [];
  expect(session[0]).toMatchObject({ chargingStationId: "Chelsea" });
  expect(distanceKm(session[0] ?? harlem, chelsea)).toBeLessThan(1e-6);
  expect(session[0]?.timestampMs).toBeGreaterThanOrEqual(later.start);
});

test("a car whose booking is canceled on the way stops, and asks anew from where it is", () => {
  const { bookings, answer } = granting({ ...village, stationId: "Village", delayMs: 0 });
  const car = lowCar(12);
  live(car, 300, answer);
  const [, ...none] = bookings;
  expect(none).toEqual([]);
  car.hear(booking({ ...bookings[0], state: WireBookingState.CANCELED, version: 2 }), START_MS + 300_000);
  const reports = live(car, 3_600, answer, START_MS + 300_000);
  expect(bookings.length).toBeGreaterThan(1);
  expect(sessionsOf(reports).has("B-1")).toBe(false);
  expect(sessionsOf(reports).has("B-2")).toBe(true);
});

test("a car that got less than it lacks goes back to work with it", () => {
  const { bookings, answer } = granting({ ...harlem, stationId: "Harlem", delayMs: 0 });
  const reports = live(lowCar(12), 600, answer);
  expect(bookings.length).toBe(1);
  expect(reports.at(-1)?.velocityKmh).toBeGreaterThan(0);
});

test.each([
  ["says nothing", () => []],
  ["has the car in line", ({ request }: CarMessage__Output) => (request ? [waitlisted(request.request_id)] : [])],
])("while the engine %s, a car drives on as long as its battery lasts for it", (_, answer: Answer) => {
  const reports = live(lowCar(12), 300, answer);
  const last = reports.at(-1);
  expect(last?.odometerKm ?? 0).toBeGreaterThan((reports[0]?.odometerKm ?? 0) + 0.5);
  expect(reports.filter(({ sessionId }) => sessionId !== "")).toEqual([]);
});

test.each([
  ["no engine answers", () => []],
  [
    "the engine is being put in order",
    ({ request }: CarMessage__Output) =>
      request ? [refusal(request.request_id, { reason: RefusalReason.UNAVAILABLE, retry_after_ms: 1_000 })] : [],
  ],
])("a car that can go on no more charges at the next station when %s for a minute", (_, answer: Answer) => {
  const reports = live(lowCar(5.5), 7_200, answer);
  const first = reports.find(({ sessionId }) => sessionId !== "");
  expect(first?.timestampMs).toBeGreaterThan(START_MS + 60_000);
  expect(first?.timestampMs).toBeLessThan(START_MS + 120_000);
  expect(first?.sessionId).toMatch(/^CAR-1-/);
  expect(reports.filter(({ sessionId }) => sessionId !== "").at(-1)?.batteryPercent).toBeCloseTo(90, 6);
});

test("a car that is in line waits for its turn rather than charge without a booking", () => {
  const answer: Answer = ({ request }) => (request ? [waitlisted(request.request_id)] : []);
  const reports = live(lowCar(5.5), 1_200, answer);
  expect(reports.filter(({ sessionId }) => sessionId !== "")).toEqual([]);
});

test("a car that comes late leaves as its slot ends, with what it has got by then", () => {
  const slot = { ...harlem, station_id: "Harlem", start: START_MS - 30_000, end: START_MS + 30_000 };
  const minuteKwh = POWER_KW / 60;
  const answer: Answer = ({ request }) => (request ? [booking({ ...slot, kwh: minuteKwh })] : []);
  const session = sessionsOf(live(lowCar(12), 120, answer)).get("B-1") ?? [];
  expect(session.length).toBeGreaterThan(25);
  expect(session.at(-1)?.energyKwh).toBeLessThan(minuteKwh / 2);
  expect(session.at(-1)?.timestampMs).toBeLessThanOrEqual(slot.end + 1_000);
});

test("a car that leaves service unplugs with the reading that it told last", () => {
  const { answer } = granting({ ...harlem, stationId: "Harlem", delayMs: 0 });
  const car = lowCar(12);
  const last = live(car, 30, answer).at(-1);
  expect(last?.sessionId).toBe("B-1");
  expect(car.retire()).toBe(true);
  const left = car.report(START_MS + 30_001);
  expect(left).toMatchObject({ sessionId: "", energyKwh: 0, batteryPercent: last?.batteryPercent });
  expect(car.takeWords()).toEqual([]);
});

test("with a speed-up a car is there in time, charges faster, and leaves before its slot is over", () => {
  const speedUp = 20;
  const { bookings, answer } = granting({ ...village, stationId: "Village", delayMs: 0 });
  const reports = live(lowCar(12, { ...TRAITS, speedUp }), 1_800, answer, START_MS, speedUp);
  const session = sessionsOf(reports).get("B-1") ?? [];
  const [first] = bookings;
  expect((session[0]?.timestampMs ?? 0) - (first?.start ?? 0)).toBeLessThanOrEqual(1_000);
  expect(session.at(-1)?.energyKwh).toBeCloseTo(first?.kwh ?? 0, 6);
  expect(session.at(-1)?.timestampMs).toBeLessThan(first?.end ?? 0);
});

test("whatever the engine says, reports break no rule and energy driven and charged explains every change of charge", () => {
  const soon = fc.integer({ min: -60_000, max: 600_000 });
  const words = fc.oneof(
    fc.record({
      kind: fc.constant("booking" as const),
      id: fc.constantFrom("B-1", "B-2"),
      state: fc.constantFrom(...Object.values(WireBookingState)),
      version: fc.integer({ min: 1, max: 9 }),
      startMs: soon,
      lengthMs: fc.integer({ min: 1, max: 600_000 }),
      kwh: fc.double({ min: 0.01, max: 60, noNaN: true }),
    }),
    fc.record({ kind: fc.constant("offers" as const), invitation: fc.boolean(), startMs: soon }),
    fc.record({ kind: fc.constant("refusal" as const), reason: fc.constantFrom(...Object.values(RefusalReason)) }),
  );
  const script = fc.array(fc.record({ afterS: fc.double({ min: 0.1, max: 120, noNaN: true }), words }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(script, fc.nat(), fc.double({ min: 0, max: 100, noNaN: true }), (said, seed, batteryPercent) => {
      const car = lowCar(batteryPercent, TRAITS, seed);
      let nowMs = START_MS;
      let before = car.report(nowMs);
      let requestId = "";
      for (const { afterS, words } of said) {
        nowMs += afterS * 1_000;
        car.step(afterS, nowMs);
        const after = car.report(Math.floor(nowMs));
        expect(telemetryFault(after)).toBeNull();
        const drivenKwh = (after.odometerKm - before.odometerKm) * TRAITS.kwhPerKm;
        const chargedKwh = after.energyKwh - (after.sessionId === before.sessionId ? before.energyKwh : 0);
        const gainedKwh = ((after.batteryPercent - before.batteryPercent) / 100) * TRAITS.capacityKwh;
        expect(Math.abs(gainedKwh - chargedKwh + drivenKwh)).toBeLessThan(1e-6);
        before = after;
        for (const each of car.takeWords())
          requestId = (each.kind === "say" && each.message.request?.request_id) || requestId;
        if (words.kind === "refusal") car.hear(refusal(requestId, { reason: words.reason }), nowMs);
        else if (words.kind === "offers") {
          const start = nowMs + words.startMs;
          const offer = { offer_id: "B-1", ...village, start: Math.floor(start), end: Math.floor(start) + 60_000 };
          car.hear(
            offers(words.invitation ? "invitation" : requestId, [offer], { invitation: words.invitation }),
            nowMs,
          );
        } else {
          const start = Math.floor(nowMs + words.startMs);
          const { id: booking_id, state, version, kwh } = words;
          const end = start + words.lengthMs;
          car.hear(booking({ booking_id, state, version, kwh, ...village, station_id: "Village", start, end }), nowMs);
        }
      }
    }),
  );
});
