import { setTimeout as sleep } from "node:timers/promises";
import { loadFaults } from "../figures/loadSide.ts";
import { addressOf, type Stage } from "../figures/stage.ts";
import { LoadTool } from "../load/loadTool.ts";
import type { LoadCounts } from "../load/messages.ts";
import type { SoakConfig } from "./config.ts";
import { type MemorySample, sampleMemory } from "./memory.ts";
import { type Trend, trendOf } from "./trend.ts";

const CONNECTIONS = 16;
const MINUTE_MS = 60_000;
/** Services fill their caches and pools first; what they hold then is what growth is told from. */
const WARM = { minutes: 5, shareOfShortRuns: 0.1 };
/** A sample a minute; in short runs more. */
const LEAST_SAMPLES = 20;

/** What one service held over a run. */
export interface ServiceMemory {
  service: string;
  samples: MemorySample[];
  /** After the first minutes; undefined when the run was too short to tell. */
  resident: Trend | undefined;
  heap: Trend | undefined;
}

export interface SoakRun {
  minutes: number;
  counts: LoadCounts;
  memory: ServiceMemory[];
  faults: string[];
}

/** Sends a steady load through the whole thread, looks at what each service holds, and reconciles all in the end. */
export async function soak(stage: Stage, config: SoakConfig, say: (line: string) => void): Promise<SoakRun> {
  const { MINUTES: minutes, CARS: cars, EVENTS_PER_SECOND: perSecond } = config;
  const ingestion = await stage.ingestion();
  const services = [ingestion, await stage.startWorker(), await stage.startBooking()];
  const plan = stage.plan([addressOf(ingestion)], CONNECTIONS, cars);
  await using tool = await LoadTool.open(plan);
  const appendedBefore = await stage.log.appended();
  const samples = services.map((): MemorySample[] => []);
  const startedAtMs = performance.now();
  const minutesNow = () => (performance.now() - startedAtMs) / MINUTE_MS;
  const everyMs = Math.min(MINUTE_MS, (minutes * MINUTE_MS) / LEAST_SAMPLES);

  await tool.start({ kind: "open", perSecond });
  for (let n = 1; n * everyMs <= minutes * MINUTE_MS; n++) {
    await sleep(Math.max(0, n * everyMs - (performance.now() - startedAtMs)));
    const taken = await Promise.all(services.map((service) => sampleMemory(service, minutesNow())));
    for (const [service, sample] of taken.entries()) samples[service]?.push(sample);
    const { acked, spanMs } = await tool.sample();
    const held = taken.map(({ residentMb }, service) => `${services[service]?.name} ${residentMb.toFixed(0)} MB`);
    say(`${minutesNow().toFixed(1)} min: ${((1_000 * acked) / spanMs).toFixed(0)} events/s · ${held.join(" · ")}`);
  }

  const counts = await tool.stop();
  await tool.close();
  await stage.log.drainedTo(0);
  const inLog = (await stage.log.appended()) - appendedBefore;
  const rows = await stage.rowsOf(plan.carPrefix);
  const faults = loadFaults(counts, inLog);
  if (rows !== counts.sent) faults.push(`${counts.sent} sent, ${rows} rows`);
  const warmMinutes = Math.min(WARM.minutes, minutes * WARM.shareOfShortRuns);
  const memory = services.map(({ name }, n) => memoryOf(name, samples[n] ?? [], warmMinutes));
  return { minutes: minutesNow(), counts, memory, faults };
}

function memoryOf(service: string, samples: MemorySample[], warmMinutes: number): ServiceMemory {
  const warm = samples.filter(({ minutes }) => minutes >= warmMinutes);
  const trend = (pick: (sample: MemorySample) => number) =>
    trendOf(warm.map((sample) => ({ minutes: sample.minutes, value: pick(sample) })));
  return { service, samples, resident: trend(({ residentMb }) => residentMb), heap: trend(({ heapMb }) => heapMb) };
}
