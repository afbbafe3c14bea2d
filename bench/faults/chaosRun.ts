import { startOwnServers } from "@greenlane/stage";
import { Books } from "./books.ts";
import type { Fault } from "./fault.ts";
import { flowOf } from "./flow.ts";
import { playRound, type Round } from "./round.ts";
import { type StageSize, startFaultStage } from "./stage.ts";

export interface ChaosOptions extends StageSize {
  /** How long a fault lasts, ms. */
  lastsMs: number;
  say: (line: string) => void;
  /** What is started; ended when the run is over, however it ends. */
  opened: AsyncDisposableStack;
}

/** Does one fault after the other. @throws Error when servers or services do not come up, or nothing flows */
export async function* playFaults(faults: readonly Fault[], options: ChaosOptions): AsyncGenerator<Round> {
  const servers = options.opened.use(await startOwnServers());
  const stage = options.opened.use(await startFaultStage(servers, options));
  const kafka = { KAFKA_BROKERS: [servers.kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 10_000 };
  const parts = { stage, flow: flowOf(stage, kafka, options.cars), books: new Books(stage.database, kafka) };
  for (const fault of faults) {
    options.say(fault.title);
    yield await playRound(parts, fault, options.lastsMs);
  }
}
