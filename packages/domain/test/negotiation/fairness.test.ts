import { expect, test } from "vitest";
import {
  type ChargeRequest,
  MOST_PER_HOUR,
  matchHerd,
  type OpenConnector,
  seededRandom,
  visitTo,
} from "../../src/index.ts";
import { CENTRE, flat, HOUR_MS, MINUTE_MS, NOW_MS, open, request, TERMS } from "./herds.ts";

const ONE_STATION = open({});

/** Cars that share one plug, of which a match serves one, as no car waits. */
const impatient = (carId: string, differences: Partial<ChargeRequest> = {}) =>
  request({ carId, maxWaitMs: 0, ...differences });

test("a car that is refused again and again goes before all that asked after it, whatever these are worth", () => {
  const old = impatient("old", { batteryPercent: 10, valuePerHour: 0.1, askedAtMs: NOW_MS - 2 * MINUTE_MS });
  const young = Array.from({ length: 8 }, (_, n) => {
    return impatient(`young-${n}`, { batteryPercent: 70, valuePerHour: 100 });
  });
  for (let seed = 0; seed < 20; seed++) {
    const { matches } = matchHerd([...young, old], ONE_STATION, { ...TERMS, seed });
    expect(matches.map((match) => match.request.carId)).toEqual(["old"]);
  }
});

test("a car that asked a minute before others goes before them, also where it has more stations to choose from", () => {
  const stations = ["a", "b"].map((id) => ({ stationId: id, connectorId: id }));
  const old = impatient("old", { askedAtMs: NOW_MS - MINUTE_MS });
  const young = stations.map(({ stationId }) => impatient(`only ${stationId}`, { stationIds: [stationId] }));
  const { matches } = matchHerd([...young, old], open(...stations), { ...TERMS, trials: 0 });
  expect(matches.map((match) => match.request.carId)).toContain("old");
});

test("with more cars than plugs in every match, none is refused more often than there are cars by plugs", () => {
  const waiting = Array.from({ length: 6 }, (_, n) => impatient(`car-${n}`, { batteryPercent: 10 + n }));
  const refusals = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    const nowMs = NOW_MS + round * MINUTE_MS;
    const open = waiting.map((car) => ({ ...car, earliestMs: nowMs }));
    const { matches } = matchHerd(open, ONE_STATION, { ...TERMS, nowMs, seed: round });
    const served = matches.map((match) => match.request.carId);
    for (const { carId } of waiting) if (!served.includes(carId)) refusals.set(carId, (refusals.get(carId) ?? 0) + 1);
    waiting.forEach((car, n) => {
      // Who is served comes back as a new car that wants less, hence is cheaper to serve than all that wait.
      if (served.includes(car.carId)) {
        waiting[n] = impatient(`car-${n}-${round}`, { batteryPercent: 75, askedAtMs: nowMs + MINUTE_MS });
      }
    });
  }
  expect(Math.max(...refusals.values())).toBeLessThanOrEqual(6);
});

/** 30 cars around three stations of two plugs each. */
function herdOf(seed: number): ChargeRequest[] {
  const random = seededRandom(seed);
  return Array.from({ length: 30 }, (_, n) =>
    request({
      carId: `car-${n}`,
      at: {
        latitude: CENTRE.latitude + (random() - 0.5) * 0.08,
        longitude: CENTRE.longitude + (random() - 0.5) * 0.1,
      },
      batteryPercent: 15 + random() * 15,
      kwhPerKm: 0.2,
    }),
  );
}

const STATIONS = [-0.04, 0, 0.04].flatMap((east, n) => {
  const station = { stationId: `station-${n}`, at: { ...CENTRE, longitude: CENTRE.longitude + east } };
  return open({ ...station, connectorId: `${n}-a` }, { ...station, connectorId: `${n}-b` });
});

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

/**
 * How long until the first car has the energy that it really wants, min, in the mean of many herds. It charges from the
 * start of its slot as long as it really takes; what does not fit into the slot is missing, as the slot's end is another's
 * start. What it would get by a false charge at a station that sells a part, it gets as soon by a true `leastPercent`.
 */
function outcomeOf(requestsOf: (truth: ChargeRequest) => ChargeRequest[]): { minutes: number; missingKwh: number } {
  const outcomes = SEEDS.map((seed) => {
    const [truth, ...others] = herdOf(seed) as [ChargeRequest, ...ChargeRequest[]];
    const { matches } = matchHerd([...requestsOf(truth), ...others], STATIONS, { ...TERMS, trials: 100, seed });
    const own = matches.filter((match) => match.request.carId === truth.carId);
    expect(own.length).toBe(1);
    const [slot] = own;
    const real = slot && visitTo(truth, slot.connector, TERMS.travel, NOW_MS);
    if (slot === undefined || real === undefined) throw new Error(`the car of herd ${seed} has no slot`);
    const chargedMs = slot.startMs + real.chargeMs;
    return {
      minutes: (chargedMs - NOW_MS) / MINUTE_MS,
      missingKwh: Math.max(0, (real.chargeMs - (slot.endMs - slot.startMs)) / HOUR_MS) * 48,
    };
  });
  const mean = (of: (outcome: (typeof outcomes)[number]) => number) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
  return { minutes: mean(({ minutes }) => minutes), missingKwh: mean(({ missingKwh }) => missingKwh) };
}

const truthful = outcomeOf((car) => [car]);

test.each([3, 6, 10])("a car that says its charge is %i points lower than it is is charged later", (lessPercent) => {
  const lying = outcomeOf((car) => [{ ...car, batteryPercent: car.batteryPercent - lessPercent }]);
  expect(lying.minutes).toBeGreaterThan(truthful.minutes);
});

test.each([5, 20])(
  "a car that says its charge is %i points higher than it is lacks that energy in the end",
  (morePercent) => {
    const lying = outcomeOf((car) => [{ ...car, batteryPercent: car.batteryPercent + morePercent }]);
    expect(lying.missingKwh).toBeCloseTo((morePercent / 100) * 60, 1);
  },
);

test("a car that asks twice has one slot, and no sooner", () => {
  const twice = outcomeOf((car) => [
    { ...car, requestId: "again", askedAtMs: NOW_MS + 1, latestMs: NOW_MS + HOUR_MS },
    { ...car, requestId: "first" },
  ]);
  expect(twice.minutes).toBeCloseTo(truthful.minutes, 6);
});

test.each([40, 200, 10_000])(
  "a car that says an hour is worth $%i to it is charged no sooner where all energy has one price",
  (valuePerHour) => {
    const saying = (value: number) => outcomeOf((car) => [{ ...car, valuePerHour: value, kwhPerKm: 0 }]);
    expect(saying(valuePerHour).minutes).toBeCloseTo(saying(MOST_PER_HOUR).minutes, 6);
  },
);

test("a car to which an hour is worth more pays more to be charged sooner", () => {
  const isHere = ({ connector }: OpenConnector) => connector.at.longitude === CENTRE.longitude;
  const open = STATIONS.map((plug) => ({ ...plug, tariff: flat(isHere(plug) ? 0.9 : 0.1) }));
  const slotOf = (valuePerHour: number) => {
    const { matches } = matchHerd([request({ valuePerHour })], open, { ...TERMS, trials: 0 });
    return matches[0];
  };
  const [patient, hasty] = [slotOf(5), slotOf(10 * MOST_PER_HOUR)];
  expect(hasty?.startMs).toBeLessThan(patient?.startMs ?? 0);
  expect(hasty?.pricePerKwh).toBeGreaterThan(patient?.pricePerKwh ?? 0);
});

test("at a station that sells a part, a false charge brings no more than to say what it accepts at the least", () => {
  const truth = request({ batteryPercent: 20, leastPercent: 0 });
  const [plug] = STATIONS;
  const slotOf = (car: ChargeRequest) => plug && visitTo(car, plug.connector, TERMS.travel, NOW_MS, 0.5)?.chargeMs;
  expect(slotOf({ ...truth, leastPercent: 55 })).toBe(slotOf({ ...truth, batteryPercent: 10, leastPercent: 0 }));
});
