import { cpuSeconds } from "@greenlane/stage";

/** A process whose CPU time is told. */
export interface Metered {
  name: string;
  /** Of a process, or of several that are told as one. */
  pids: number[];
}

/** CPU time since a moment, µs, by name. */
export type CpuSpent = Record<string, number>;

/** Begins to count. @returns what was spent since, whenever it is asked */
export function startCpuMeter(processes: readonly Metered[]): () => CpuSpent {
  const read = () => processes.map(({ pids }) => pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0));
  const before = read();
  return () => {
    const now = read();
    return Object.fromEntries(
      processes.map(({ name }, n) => [name, ((now[n] as number) - (before[n] as number)) * 1e6]),
    );
  };
}

/** What was spent, an event. */
export function perEvent(spent: CpuSpent, events: number): Record<string, number> {
  return Object.fromEntries(Object.entries(spent).map(([name, us]) => [name, us / Math.max(1, events)]));
}

/** Adds up by name. */
export function addSpent(all: readonly CpuSpent[]): CpuSpent {
  const sum: CpuSpent = {};
  for (const spent of all) for (const [name, us] of Object.entries(spent)) sum[name] = (sum[name] ?? 0) + us;
  return sum;
}
