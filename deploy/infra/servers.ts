import { announceEngine } from "@greenlane/local-servers";
import { startContainers, stopContainers } from "./containers.ts";
import { startLocalServers, stopLocalServers } from "./localServers.ts";

type Say = (line: string) => void;

/**
 * Starts the servers that do not run yet. @returns what ends again those that this call has started
 * @throws Error naming each port that something else holds, before anything is started; the signal's reason when it
 * was aborted, with nothing left running that did not run before
 */
export async function startServers(say: Say, signal?: AbortSignal): Promise<() => Promise<void>> {
  if (announceEngine(say) === "docker") {
    const started = await startContainers(signal);
    return () => stopContainers(started);
  }
  const started = await startLocalServers(say, signal);
  return () => stopLocalServers(say, started);
}
