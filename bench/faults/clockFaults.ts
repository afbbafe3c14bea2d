import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultStage } from "./fault.ts";
import { SERVICES, titleOf } from "./services.ts";

const STEP_MS = 60_000;

/** Each service's clock is set a minute ahead, then a minute behind, then right again. */
export const clockFaults: Fault[] = SERVICES.map((service) => ({
  name: `${service}-clock`,
  title: `clock of ${titleOf(service)} a minute ahead, then a minute behind`,
  strike: async (stage: FaultStage, lastsMs: number) => {
    for (const aheadMs of [STEP_MS, -STEP_MS]) {
      stage.clocks.set(service, stage[service], aheadMs);
      await sleep(lastsMs / 2);
    }
    stage.clocks.set(service, stage[service], 0);
    return { overAtMs: Date.now(), found: [] };
  },
}));
