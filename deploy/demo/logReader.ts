import { decodeTelemetry, TOPICS } from "@greenlane/contracts";
import { type KafkaConfig, openTopicReader, type PartitionOffsets } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";

/** What the log holds of some cars. */
export interface LogCount {
  /** Records, an event that was sent twice counted twice. */
  records: number;
  /** Events, by car and time. */
  distinct: number;
}

const RECORDS_AT_ONCE = 20_000;

/** Reads fleet-events from given offsets to its present end and counts the events of some cars since a moment. */
export async function countInLog(
  config: KafkaConfig,
  from: PartitionOffsets[],
  carIds: Set<string>,
  sinceMs: number,
): Promise<LogCount> {
  await using reader = await openTopicReader(config, TOPICS.fleetEvents, "greenlane-demo", silentLogger);
  const starts = new Map(from.map(({ partition, high }) => [partition, high]));
  const timesOfCar = new Map([...carIds].map((carId) => [carId, new Set<number>()]));
  let records = 0;
  function count(value: Buffer | null): void {
    const decoded = decodeTelemetry(value);
    if (decoded.kind !== "telemetry" || decoded.telemetry.timestampMs < sinceMs) return;
    const times = timesOfCar.get(decoded.telemetry.carId);
    if (times === undefined) return;
    records++;
    times.add(decoded.telemetry.timestampMs);
  }
  for (const { partition, low, high } of await reader.offsets()) {
    for (let at = starts.get(partition) ?? low; at < high; at += RECORDS_AT_ONCE) {
      const some = await reader.readRange(partition, at, Math.min(high, at + RECORDS_AT_ONCE));
      for (const { value } of some) count(value);
    }
  }
  return { records, distinct: [...timesOfCar.values()].reduce((sum, times) => sum + times.size, 0) };
}
