import { decodeTelemetry, type Telemetry } from "@greenlane/contracts";
import type { RecordBatch } from "@greenlane/kafka";
import type { Refused } from "./deadLetters.ts";

/** A report, and the record that it was read from. */
export interface ReadEvent {
  telemetry: Telemetry;
  record: RecordBatch["records"][number];
}

/** Sorts a batch into reports and what cannot be read; events of other types are passed over. */
export function decodeBatch(batch: RecordBatch): { events: ReadEvent[]; refused: Refused[] } {
  const events: ReadEvent[] = [];
  const refused: Refused[] = [];
  for (const record of batch.records) {
    const decoded = decodeTelemetry(record.value);
    if (decoded.kind === "telemetry") events.push({ telemetry: decoded.telemetry, record });
    else if (decoded.kind === "poison") refused.push({ record, reason: decoded.reason });
  }
  return { events, refused };
}
