import { HEADERS } from "@greenlane/contracts";
import type { LogRecord, RecordBatch } from "@greenlane/kafka";

/** A record that is to be put aside, and why. */
export interface Refused {
  record: RecordBatch["records"][number];
  reason: string;
}

/** Of one append, and so of one letter: well below what a broker takes, headers included. */
const MAX_SLICE_BYTES = 512 * 1024;
const MAX_VALUE_BYTES = MAX_SLICE_BYTES / 2;
/** What a letter's headers add, about. */
const HEADER_BYTES = 300;

/** The record as it goes to the dead-letter topic: key, value and headers as they were, with the reason and its origin. */
export function asDeadLetter({ topic, partition }: RecordBatch, { record, reason }: Refused): LogRecord {
  const { key, value, offset } = record;
  const isTooLong = value !== null && value.length > MAX_VALUE_BYTES;
  const headers = {
    ...record.headers,
    [HEADERS.reason]: reason,
    [HEADERS.originTopic]: topic,
    [HEADERS.originPartition]: `${partition}`,
    [HEADERS.originOffset]: offset,
    ...(isTooLong && { [HEADERS.cutFromBytes]: `${value.length}` }),
  };
  return { key, value: isTooLong ? value.subarray(0, MAX_VALUE_BYTES) : value, headers };
}

/** Letters in appends that a broker takes: each letter grows by its headers, and a batch of small ones can outgrow it. */
export function inSlices(letters: LogRecord[]): LogRecord[][] {
  const slices: LogRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const letter of letters) {
    const size = HEADER_BYTES + (letter.key?.length ?? 0) + (letter.value?.length ?? 0);
    if (bytes + size > MAX_SLICE_BYTES) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)?.push(letter);
    bytes += size;
  }
  return slices;
}
