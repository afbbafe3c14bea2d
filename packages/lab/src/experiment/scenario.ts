import type { Timeline } from "./timeline.ts";

/** Something that policies are compared by. */
export interface Measure {
  name: string;
  /** With its unit. */
  title: string;
  /** After the point. */
  digits: number;
}

/** What a policy made of one seed's run. */
export interface Run {
  /** By the measures' names. */
  measures: Record<string, number>;
  timeline: Timeline;
}

/** A world that policies can be tried in, again and again by chance. */
export interface Scenario {
  name: string;
  policies: readonly string[];
  measures: readonly Measure[];
  /** Of its plots, min. */
  stepMin: number;
  /** The clock at the start of a run, min from midnight; undefined where time counts from the start. */
  startsAtMin?: number;
  /** The same policy and seed give the same run. @throws RangeError for a policy that it does not have */
  live(policy: string, seed: number): Run;
}

/** The one of a list that has a name. @throws RangeError */
export function named<Item extends { name: string }>(items: readonly Item[], name: string): Item {
  const item = items.find((each) => each.name === name);
  if (item === undefined) throw new RangeError(`there is no ${name} of ${items.map((each) => each.name).join(", ")}`);
  return item;
}
