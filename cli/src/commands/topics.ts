import { GROUPS, TOPICS } from "@greenlane/contracts";
import { kafkaEnv, openTopicAdmin } from "@greenlane/kafka";
import { loadConfig, silentLogger } from "@greenlane/runtime";
import type { Printout } from "../format/printout.ts";

/** Each topic's partitions and records, and how far the pricing workers are behind. */
export async function topics(): Promise<Printout> {
  await using admin = await openTopicAdmin(loadConfig(kafkaEnv), "greenlane-cli", silentLogger);
  const lag = new Map(
    (await admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents)).map((entry) => [entry.partition, entry.lag]),
  );
  const rows: Record<string, string | number>[] = [];
  for (const topic of Object.values(TOPICS)) {
    for (const { partition, low, high } of await admin.offsets(topic)) {
      rows.push({ topic, partition, low, high, lag: topic === TOPICS.fleetEvents ? (lag.get(partition) ?? 0) : "" });
    }
  }
  return { rows, nothing: "no topics" };
}
