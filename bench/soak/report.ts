import { markdownTable } from "../markdownTable.ts";
import type { ServiceMemory, SoakRun } from "./soakRun.ts";
import type { Trend } from "./trend.ts";

/** What memory may grow by after the first minutes. */
export const GROWTH_LIMIT = 0.05;
/** A shorter run tells nothing about growth: a collection of garbage more or less is more than the limit. */
export const TELLING_MINUTES = 30;

const mb = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(0));
const percent = (trend: Trend | undefined) => (trend === undefined ? "–" : `${(100 * trend.growth).toFixed(1)} %`);
const hasGrown = (trend: Trend | undefined) => (trend?.growth ?? 0) >= GROWTH_LIMIT;
const slope = (trend: Trend | undefined) => (trend === undefined ? "–" : (60 * trend.slope).toFixed(1));

/** The run and what each service held, in Markdown. */
export function soakText({ minutes, counts, memory }: SoakRun): string {
  const { sent, acked } = counts;
  const told = `${minutes.toFixed(1)} minutes, ${sent.toLocaleString("en-US")} events sent, ${acked.toLocaleString("en-US")} acked. Growth is what came after the first minutes; ✗: ${100 * GROWTH_LIMIT} % and more.`;
  const table = markdownTable<ServiceMemory>(memory, [
    { title: "service", of: ({ service }) => service },
    { title: "RSS at first, MB", isNumber: true, of: ({ samples }) => mb(samples[0]?.residentMb) },
    { title: "halfway, MB", isNumber: true, of: ({ samples }) => mb(samples[samples.length >> 1]?.residentMb) },
    { title: "RSS at last, MB", isNumber: true, of: ({ samples }) => mb(samples.at(-1)?.residentMb) },
    {
      title: "RSS growth",
      isNumber: true,
      of: ({ resident }) => `${percent(resident)}${hasGrown(resident) ? " ✗" : ""}`,
    },
    { title: "RSS, MB an hour", isNumber: true, of: ({ resident }) => slope(resident) },
    { title: "heap growth", isNumber: true, of: ({ heap }) => percent(heap) },
    { title: "heap, MB an hour", isNumber: true, of: ({ heap }) => slope(heap) },
  ]);
  return `${told}\n\n${table}`;
}

/** What must not be: counts that disagree, and, where the run was long enough to tell, memory that grows. */
export function soakTroubles({ minutes, memory, faults }: SoakRun): string[] {
  if (minutes < TELLING_MINUTES) return faults;
  const grown = memory.filter(({ resident }) => hasGrown(resident));
  return [...faults, ...grown.map(({ service, resident }) => `the memory of ${service} grew by ${percent(resident)}`)];
}
