import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultStage } from "./fault.ts";

/** What mock-grid's fault switch can be told, as POST /faults takes it. */
type Switch = { error_rate: number } | { hang: boolean } | { nonsense: boolean };

async function turn({ grid }: FaultStage, to: Switch): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${grid.adminPort}/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(to),
  });
  if (!answer.ok) throw new Error(`mock-grid's fault switch answered ${answer.status}`);
}

function gridFault(name: string, title: string, on: Switch, off: Switch): Fault {
  return {
    name,
    title,
    strike: async (stage, lastsMs) => {
      await turn(stage, on);
      await sleep(lastsMs);
      await turn(stage, off);
      return { overAtMs: Date.now(), found: [] };
    },
  };
}

/** The grid lives, but what it answers is of no use. */
export const gridFaults: Fault[] = [
  gridFault("grid-500", "mock-grid answers 500", { error_rate: 1 }, { error_rate: 0 }),
  gridFault("grid-hangs", "mock-grid takes requests and never answers", { hang: true }, { hang: false }),
  gridFault("grid-nonsense", "mock-grid answers with nonsense", { nonsense: true }, { nonsense: false }),
];
