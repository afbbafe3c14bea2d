import * as fc from "fast-check";
import { expect, test } from "vitest";
import { oneRequestPerCar } from "../../src/index.ts";
import { HerdPlan } from "../../src/negotiation/herdPlan.ts";
import { HerdProblem } from "../../src/negotiation/herdProblem.ts";
import { anyHerd, flat } from "./herds.ts";

/** A plan in which every other car has the place that was the cheapest then, at prices that do not change with time. */
const anyPlan = anyHerd.map(({ requests, connectors, terms }) => {
  const open = connectors.map((own, n) => ({ ...own, tariff: flat(own.tariff.lowestPrice, n % 2 === 0 ? 1 : 0.7) }));
  const problem = new HerdProblem(oneRequestPerCar(requests), open, terms);
  const plan = new HerdPlan(problem);
  for (let car = 0; car < problem.requests.length; car += 2) {
    const insertion = plan.cheapestInsertion(car);
    if (insertion !== undefined) plan.insert(car, insertion);
  }
  return { problem, plan };
});

/** By how much all costs rise, tried out; infinite when it breaks a limit of any car's. */
function riseWhenTried(plan: HerdPlan, car: number, connector: number, position: number): number {
  const before = plan.cost;
  plan.begin();
  plan.insert(car, { connector, position, costRise: 0 });
  const after = plan.cost;
  plan.goBack();
  return Number.isNaN(after) ? Number.POSITIVE_INFINITY : after - before;
}

test("no place in a bank is cheaper than the one that is found, and it costs what it is said to", () => {
  fc.assert(
    fc.property(anyPlan, ({ problem, plan }) => {
      for (let car = 1; car < problem.requests.length; car += 2) {
        for (const bank of problem.candidates[car] as Int32Array) {
          const rises = (problem.banks[bank] as readonly number[]).flatMap((connector) => {
            const positions = plan.sequence(connector).length + 1;
            return Array.from({ length: positions }, (_, n) => riseWhenTried(plan, car, connector, n));
          });
          const found = plan.cheapestInsertionAt(car, bank, 0);
          const least = Math.min(0, ...rises);
          expect(found?.costRise ?? 0).toBeCloseTo(least, 4);
          if (found !== undefined) {
            expect(riseWhenTried(plan, car, found.connector, found.position)).toBeCloseTo(found.costRise, 4);
          }
        }
      }
    }),
  );
});

test("a plan that went back is as it was, and so is what is found in it", () => {
  fc.assert(
    fc.property(anyPlan, fc.nat(), ({ problem, plan }, n) => {
      const cars = problem.requests.map((_, car) => car);
      const found = () =>
        cars
          .filter((car) => plan.connectorOf(car) < 0)
          .map((car) => {
            const { connector, position, costRise } = plan.cheapestInsertion(car) ?? { costRise: 0 };
            return [connector, position, costRise.toFixed(4)];
          });
      const before = found();
      plan.begin();
      for (const car of cars.filter((one) => one % (1 + (n % 5)) === 0)) plan.remove(car);
      for (const car of cars.toReversed()) {
        const insertion = plan.connectorOf(car) < 0 ? plan.cheapestInsertion(car) : undefined;
        if (insertion !== undefined) plan.insert(car, insertion);
      }
      plan.goBack();
      expect(found()).toEqual(before);
    }),
  );
});
