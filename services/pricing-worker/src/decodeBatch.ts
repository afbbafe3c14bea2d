import { decodeTelemetry, HEADERS, type Telemetry } from "@greenlane/contracts";
import type { LogRecord, RecordBatch } from "@greenlane/kafka";

type SourceRecord = RecordBatch["records"][number];

/** A report, and the record that it was read from. */
export interface ReadEvent {
  telemetry: Telemetry;
  record: SourceRecord;
}

/** A record that is to be put aside, and why. */
export interface Unreadable {
  record: SourceRecord;
  reason: string;
}

/** Sorts a batch into reports and what cannot be read; events of other types are passed over. */
export function decodeBatch(batch: RecordBatch): { events: ReadEvent[]; unreadable: Unreadable[] } {
  const events: ReadEvent[] = [];
  const unreadable: Unreadable[] = [];
  for (const record of batch.records) {
    const decoded = decodeTelemetry(record.value);
    if (decoded.kind === "telemetry") events.push({ telemetry: decoded.telemetry, record });
    else if (decoded.kind === "poison") unreadable.push({ record, reason: decoded.reason });
  }
  return { events, unreadable };
}

/** The record as it goes to the dead-letter topic: key, value and headers as they were, with the reason and its origin. */
export function asDeadLetter({ topic, partition }: RecordBatch, { record, reason }: Unreadable): LogRecord {
  const origin = {
    [HEADERS.originTopic]: topic,
    [HEADERS.originPartition]: `${partition}`,
    [HEADERS.originOffset]: record.offset,
  };
  return { key: record.key, value: record.value, headers: { ...record.headers, [HEADERS.reason]: reason, ...origin } };
}
