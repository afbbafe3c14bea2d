import { expect, test } from "vitest";
import { seededRandom } from "../../src/index.ts";
import { HerdPlan } from "../../src/negotiation/herdPlan.ts";
import { HerdProblem } from "../../src/negotiation/herdProblem.ts";
import { insertByRegret } from "../../src/negotiation/regretInsertion.ts";
import { CENTRE, HOUR_MS, MINUTE_MS, NOW_MS, open, request, TERMS } from "./herds.ts";

/** 60 cars among five stations of two plugs each, of which some time is taken. */
function problemOf(seed: number): HerdProblem {
  const random = seededRandom(seed);
  const place = () => ({
    latitude: CENTRE.latitude + (random() - 0.5) * 0.08,
    longitude: CENTRE.longitude + (random() - 0.5) * 0.1,
  });
  const stations = Array.from({ length: 5 }, (_, n) => ({ stationId: `station-${n}`, at: place() }));
  const connectors = stations.flatMap((station) => {
    return open({ ...station, connectorId: "a" }, { ...station, connectorId: "b" });
  });
  for (const { calendar } of connectors) {
    const startMs = NOW_MS + random() * HOUR_MS;
    calendar.insert({ id: "booking", startMs, endMs: startMs + random() * HOUR_MS });
  }
  const cars = Array.from({ length: 60 }, (_, n) =>
    request({ carId: `car-${n}`, at: place(), batteryPercent: 10 + random() * 40, valuePerHour: 5 + random() * 20 }),
  );
  return new HerdProblem(cars, connectors, TERMS);
}

/** The same without any memory: in each round, every car left is asked anew at every bank. */
function insertPlainly(plan: HerdPlan, problem: HerdProblem): void {
  const left = new Set(problem.requests.keys());
  while (left.size > 0) {
    const options = [...left].map((car) => {
      const banks = [...(problem.candidates[car] as Int32Array)];
      const found = banks.flatMap((bank) => plan.cheapestInsertionAt(car, bank, 0) ?? []);
      const [best, second] = found.sort((a, b) => a.costRise - b.costRise);
      return { car, best, regret: (second?.costRise ?? 0) - (best?.costRise ?? 0) };
    });
    const { car, best } = options.reduce((first, other) => (other.regret > first.regret ? other : first));
    if (best !== undefined) plan.insert(car, best);
    left.delete(car);
  }
}

test("what is remembered of the banks leaves the plans as good as when all is worked out anew for each insertion", () => {
  let [cost, plainCost] = [0, 0];
  for (let seed = 1; seed <= 10; seed++) {
    const problem = problemOf(seed);
    const [plan, plain] = [new HerdPlan(problem), new HerdPlan(problem)];
    insertByRegret(plan, problem, [...problem.requests.keys()]);
    insertPlainly(plain, problem);
    cost += plan.cost;
    plainCost += plain.cost;
  }
  expect(cost).toBeLessThanOrEqual(1.01 * plainCost);
});

test("a bank whose plan filled up meanwhile is looked at again", () => {
  const cars = Array.from({ length: 4 }, (_, n) => request({ carId: `car-${n}` }));
  const problem = new HerdProblem(cars, open({}, { stationId: "other", connectorId: "other" }), TERMS);
  const plan = new HerdPlan(problem);
  insertByRegret(plan, problem, [...cars.keys()]);
  expect([plan.sequence(0).length, plan.sequence(1).length]).toEqual([2, 2]);
  const starts = [...cars.keys()].map((car) => (plan.startMs(car) - NOW_MS) / MINUTE_MS);
  expect(starts.sort((a, b) => a - b)).toEqual([0, 0, 30, 30]);
});
