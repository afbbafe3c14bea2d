import { type Estimate, estimate } from "./interval.ts";
import type { Run, Scenario } from "./scenario.ts";

/** What policies made of a scenario, seed by seed. */
export interface Experiment {
  scenario: Scenario;
  results: PolicyResult[];
}

export interface PolicyResult {
  policy: string;
  runs: { seed: number; run: Run }[];
}

/** Lives through a scenario for each seed from 1 on by each policy. All policies meet the same chances. */
export function* runsOf(
  scenario: Scenario,
  policies: readonly string[],
  seeds: number,
): Generator<{ policy: string; seed: number; run: Run }> {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const policy of policies) yield { policy, seed, run: scenario.live(policy, seed) };
  }
}

/** By policy, in the order in which they first come. */
export function experimentOf(
  scenario: Scenario,
  runs: Iterable<{ policy: string; seed: number; run: Run }>,
): Experiment {
  const byPolicy = Map.groupBy(runs, ({ policy }) => policy);
  return { scenario, results: [...byPolicy].map(([policy, own]) => ({ policy, runs: own })) };
}

/** A measure over all seeds of a policy. */
export function estimateOf({ runs }: PolicyResult, measure: string): Estimate {
  return estimate(runs.map(({ run }) => run.measures[measure] ?? Number.NaN));
}

/** A line a policy and seed, the measures with all their digits. RFC 4180, with a header. */
export function csvOf({ scenario, results }: Experiment): string {
  const names = scenario.measures.map(({ name }) => name);
  const lines = results.flatMap(({ policy, runs }) =>
    runs.map(({ seed, run }) => [scenario.name, policy, seed, ...names.map((name) => run.measures[name] ?? "")]),
  );
  return [["scenario", "policy", "seed", ...names], ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}
