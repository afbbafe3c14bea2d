import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { createKafka, type KafkaConfig, openTopicAdmin, type PartitionOffsets } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";

/** What the log holds of some cars. */
export interface LogCount {
  /** Records, an event that was sent twice counted twice. */
  records: number;
  /** Events, by car and time. */
  distinct: number;
}

/** Reads fleet-events from given offsets to its present end and counts the events of some cars since a moment. */
export async function countInLog(
  config: KafkaConfig,
  from: PartitionOffsets[],
  carIds: Set<string>,
  sinceMs: number,
): Promise<LogCount> {
  await using admin = await openTopicAdmin(config, "greenlane-demo", silentLogger);
  const ends = new Map((await admin.offsets(TOPICS.fleetEvents)).map(({ partition, high }) => [partition, high]));
  const next = new Map(from.map(({ partition, high }) => [partition, high]));
  const groupId = `greenlane-demo-${randomUUID()}`;
  const consumer = createKafka(config, groupId, silentLogger).consumer({ groupId, maxWaitTimeInMs: 50 });
  const events = new Set<string>();
  let records = 0;
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [TOPICS.fleetEvents], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const end = ends.get(batch.partition) ?? 0;
        for (const record of batch.messages) {
          if (Number(record.offset) >= end) break;
          next.set(batch.partition, Number(record.offset) + 1);
          const decoded = decodeTelemetry(record.value);
          if (decoded.kind !== "telemetry") continue;
          const { carId, timestampMs } = decoded.telemetry;
          if (!carIds.has(carId) || timestampMs < sinceMs) continue;
          records++;
          events.add(`${carId} ${timestampMs}`);
        }
      },
    });
    for (const { partition, high } of from) consumer.seek({ topic: TOPICS.fleetEvents, partition, offset: `${high}` });
    while ([...ends].some(([partition, end]) => (next.get(partition) ?? 0) < end)) await sleep(50);
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroup(groupId);
  return { records, distinct: events.size };
}
