import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceProcess } from "@greenlane/stage";
import type { Fault } from "./fault.ts";

const EVERY_MS = 5_000;
/** A worker that joins and one that leaves, at the least. */
const LEAST_CHANGES = 2;

/** A second pricing worker comes and goes: the load of partitions moves, and nothing is lost in the move. */
export const rebalanceFaults: Fault[] = [
  {
    name: "rebalances",
    title: "a second worker joins and leaves, a rebalance each 5 s",
    spans: 2,
    strike: async ({ processes }, lastsMs) => {
      const found: string[] = [];
      const untilMs = Date.now() + lastsMs;
      let second: ServiceProcess | undefined;
      for (let change = 0; change < LEAST_CHANGES || change % 2 === 1 || Date.now() < untilMs; change++) {
        const nextMs = Date.now() + EVERY_MS;
        if (change % 2 === 0) {
          if (second === undefined) second = await processes.start("pricing-worker");
          else await second.startAgain();
        } else {
          const code = await second?.stop();
          if (code !== 0) found.push(`the second worker ended with exit code ${code}`);
        }
        await sleep(Math.max(0, nextMs - Date.now()));
      }
      return { overAtMs: Date.now(), found };
    },
  },
];
