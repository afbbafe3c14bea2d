import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { plugsOf, requestsOf, visitOf } from "../../src/herd/requests.ts";
import { type Herd, herdLowerBoundMin, newHerd } from "../../src/index.ts";

/** By require, as its types describe that form of the package. */
const { default: loadHighs } = createRequire(import.meta.url)("highs") as typeof import("highs");

/** The optimum of the whole time-indexed programme by a solver, min a car; each station has one connector. */
async function optimumMin(herd: Herd, stepMin: number, steps: number): Promise<number> {
  const terms: string[] = [];
  const carRows: string[] = [];
  const stepRows = new Map<string, string[]>();
  requestsOf(herd).forEach((request, car) => {
    const choices: string[] = [];
    plugsOf(herd).forEach(({ connector }, station) => {
      const { arriveMs, chargeMs } = visitOf(herd, request, connector);
      const [arriveMin, chargeMin] = [arriveMs / 60_000, chargeMs / 60_000];
      for (let step = Math.ceil(arriveMin / stepMin); step <= steps; step++) {
        const begins = `x${car}_${station}_${step}`;
        choices.push(begins);
        terms.push(`${Math.max(arriveMin, (step - 1) * stepMin) + chargeMin} ${begins}`);
        for (let n = step; n < Math.min(steps, step + Math.floor(chargeMin / stepMin)); n++) {
          const row = `${station}_${n}`;
          stepRows.set(row, [...(stepRows.get(row) ?? []), begins]);
        }
      }
    });
    carRows.push(`${choices.join(" + ")} = 1`);
  });
  const rows = [...carRows, ...[...stepRows.values()].map((begins) => `${begins.join(" + ")} <= 1`)];
  const highs = await loadHighs();
  const { ObjectiveValue } = highs.solve(`Minimize\n${terms.join(" +\n")}\nSubject To\n${rows.join("\n")}\nEnd`);
  return ObjectiveValue / herd.cars.length;
}

test.each([1, 2, 3])(
  "in herd %i the bound is the optimum of the linear programme, nearly, and never above it",
  async (seed) => {
    const herd = newHerd({ cars: 12, stations: 3, connectors: 1 }, seed);
    const optimum = await optimumMin(herd, 2, 200);
    const bound = herdLowerBoundMin(herd, 2);
    expect(bound).toBeLessThanOrEqual(optimum + 1e-6);
    expect(bound).toBeGreaterThan(0.998 * optimum);
  },
);

test("finer steps raise the bound", () => {
  const herd = newHerd({ cars: 20, stations: 3, connectors: 2 }, 1);
  expect(herdLowerBoundMin(herd, 1)).toBeGreaterThan(herdLowerBoundMin(herd, 4));
});
