import type { ServiceProcess } from "@greenlane/stage";

/** What a service holds at a moment, MB. */
export interface MemorySample {
  minutes: number;
  residentMb: number;
  heapMb: number;
}

const MB = 2 ** 20;

/** Reads a service's own gauges. @throws Error when it does not answer */
export async function sampleMemory({ name, adminPort }: ServiceProcess, minutes: number): Promise<MemorySample> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const text = await answer.text();
  const gauge = (metric: string) => {
    const value = new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1];
    if (value === undefined) throw new Error(`${name} tells no ${metric}`);
    return Number(value) / MB;
  };
  return {
    minutes,
    residentMb: gauge("process_resident_memory_bytes"),
    heapMb: gauge("nodejs_heap_size_used_bytes"),
  };
}
