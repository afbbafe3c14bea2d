import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceProcess } from "@greenlane/stage";
import type { Fault, FaultStage } from "./fault.ts";
import { SERVICES, titleOf } from "./services.ts";

/** What notices that a process is gone, and starts it again, takes about so long. */
const SUPERVISOR_MS = 1_000;

/** Each service killed, and frozen: from the start of the new process on, and from the thaw, it is to mend itself. */
export const processFaults: Fault[] = SERVICES.flatMap((service) => [
  {
    name: `${service}-killed`,
    title: `kill -9 of ${titleOf(service)}`,
    strike: async (stage: FaultStage) => {
      const process: ServiceProcess = stage[service];
      await process.kill();
      await sleep(SUPERVISOR_MS);
      const overAtMs = Date.now();
      await process.startAgain();
      return { overAtMs, found: [] };
    },
  },
  {
    name: `${service}-frozen`,
    title: `SIGSTOP of ${titleOf(service)}`,
    strike: async (stage: FaultStage, lastsMs: number) => {
      stage[service].pause();
      await sleep(lastsMs);
      stage[service].resume();
      return { overAtMs: Date.now(), found: [] };
    },
  },
]);
