import type { Telemetry } from "./telemetry.ts";
import { carStatusBytes, readCarStatus, writeCarStatus } from "./telemetryWire.ts";
import { WIRE, WireReader } from "./wireReader.ts";
import { MAX_VARINT_BYTES, varintBytes, writeVarint } from "./wireWriter.ts";

/** Reports that one TelemetryBatch may hold. */
export const MAX_BATCH_REPORTS = 1_000;

const FIRST_SEQUENCE_TAG = (1 << 3) | WIRE.varint;
const ACKED_SEQUENCE_TAG = (1 << 3) | WIRE.varint;
const REPORT_TAG = (2 << 3) | WIRE.bytes;

/** Reports of many cars, and the sequence number of the first; the others follow it one by one. */
export interface SequencedReports {
  firstSequence: number;
  reports: Telemetry[];
}

/**
 * Reads a TelemetryBatch; fields that it doesn't know are passed over.
 * Stops behind MAX_BATCH_REPORTS and one: a batch that has so many is one to be refused. @throws MalformedMessage
 */
export function decodeTelemetryBatch(bytes: Buffer): SequencedReports {
  const reader = new WireReader(bytes);
  const batch: SequencedReports = { firstSequence: 0, reports: [] };
  while (!reader.atEnd && batch.reports.length <= MAX_BATCH_REPORTS) {
    const tag = reader.tag();
    if (tag === FIRST_SEQUENCE_TAG) batch.firstSequence = reader.int64();
    else if (tag === REPORT_TAG) {
      const outerEnd = reader.enter();
      batch.reports.push(readCarStatus(reader));
      reader.leave(outerEnd);
    } else reader.skip(tag);
  }
  return batch;
}

/** A TelemetryBatch on the wire, and how many reports went into it. */
export interface EncodedBatch {
  bytes: Buffer;
  count: number;
}

/**
 * The TelemetryBatch of the reports from one on, as many as it may hold and as fit into so many bytes; one at least,
 * whether it fits or not. The reports must break no rule of `telemetryFault`.
 */
export function encodeTelemetryBatch(
  firstSequence: number,
  reports: readonly Telemetry[],
  from: number,
  maxBytes: number,
): EncodedBatch {
  const until = Math.min(reports.length, from + MAX_BATCH_REPORTS);
  let size = 1 + varintBytes(firstSequence);
  let count = 0;
  const sizes: number[] = [];
  for (; from + count < until; count++) {
    const inner = carStatusBytes(reports[from + count] as Telemetry);
    const outer = 1 + varintBytes(inner) + inner;
    if (count > 0 && size + outer > maxBytes) break;
    sizes.push(inner);
    size += outer;
  }
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] = FIRST_SEQUENCE_TAG;
  let at = writeVarint(bytes, 1, firstSequence);
  for (let n = 0; n < count; n++) {
    bytes[at++] = REPORT_TAG;
    at = writeVarint(bytes, at, sizes[n] as number);
    at = writeCarStatus(bytes, at, reports[from + n] as Telemetry);
  }
  return { bytes, count };
}

/** A TelemetryAnswer that says how far reports are durable, from 1 on, and nothing else. */
export function encodeAckedSequence(sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(1 + MAX_VARINT_BYTES);
  bytes[0] = ACKED_SEQUENCE_TAG;
  return bytes.subarray(0, writeVarint(bytes, 1, sequence));
}
