import { decodeBookingEvent, TOPICS } from "@greenlane/contracts";
import type { TopicRecord } from "@greenlane/kafka";
import { bookingChangeText } from "./bookingChange.ts";
import { escaped, jsonLines } from "./escape.ts";
import { instant } from "./time.ts";

/** Bytes as text, where they are UTF-8. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // binary
  }
}

/** A number as it was written: a double may not hold it. */
const { rawJSON } = JSON as unknown as { rawJSON: (source: string) => unknown };

function parsedJson(text: string): { json: unknown } | undefined {
  const keepNumbers = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source !== undefined ? rawJSON(context.source) : value;
  try {
    return { json: JSON.parse(text, keepNumbers) };
  } catch {
    return undefined; // not JSON
  }
}

type Value =
  | { encoding: null; value: null }
  | { encoding: "json"; value: unknown }
  | { encoding: "text"; value: string }
  | { encoding: "base64"; value: string };

function decoded(bytes: Buffer | null): Value {
  if (bytes === null) return { encoding: null, value: null };
  const text = textOf(bytes);
  if (text === undefined) return { encoding: "base64", value: bytes.toString("base64") };
  const parsed = parsedJson(text);
  return parsed === undefined ? { encoding: "text", value: text } : { encoding: "json", value: parsed.json };
}

/** Bytes that are text for people: a key, a header. */
const shortJson = (bytes: Buffer) => textOf(bytes) ?? { base64: bytes.toString("base64") };

function headersOf({ headers }: TopicRecord): [name: string, values: Buffer[]][] {
  return Object.entries(headers).map(([name, value]) => [
    name,
    (Array.isArray(value) ? value : [value ?? ""]).map((each) => Buffer.from(each as Uint8Array | string)),
  ]);
}

export const RECORD_JSON =
  "{topic, partition, offset, timestamp, key, headers: {name: [value]}, value, value_encoding: json|text|base64|null}; keys and headers that are no text are {base64}";

/** A record as one JSON document. */
export function recordJson(topic: string, record: TopicRecord): object {
  const { encoding, value } = decoded(record.value);
  return {
    topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestampMs,
    key: record.key && shortJson(record.key),
    headers: Object.fromEntries(headersOf(record).map(([name, values]) => [name, values.map(shortJson)])),
    value,
    value_encoding: encoding,
  };
}

/** What of a value is shown to people. */
const MAX_BYTES = 16_384;

const bytesText = (bytes: Buffer) =>
  bytes
    .toString("latin1")
    .replaceAll(/[^ -~]|\\/g, (byte) =>
      byte === "\\" ? "\\\\" : `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );

const shortText = (bytes: Buffer) => {
  const text = textOf(bytes);
  return text === undefined ? bytesText(bytes) : escaped(text);
};

function valueText(topic: string, bytes: Buffer | null): string {
  const change = topic === TOPICS.bookingEvents ? decodeBookingEvent(bytes) : undefined;
  if (change !== undefined) return bookingChangeText(change);
  if (bytes === null) return "(no value)";
  const rest = bytes.length - MAX_BYTES;
  if (rest > 0) return `${bytesText(bytes.subarray(0, MAX_BYTES))}\n…and ${rest} more bytes (--json shows them)`;
  const { encoding, value } = decoded(bytes);
  return encoding === "json" ? jsonLines(value) : shortText(bytes);
}

const indented = (text: string) => text.replaceAll(/^/gm, "  ");

/** A record as people read it: where it lies, its time and key, its headers, its value. */
export function recordText(topic: string, record: TopicRecord): string {
  const key = record.key === null ? "no key" : `key ${shortText(record.key)}`;
  const place = `${escaped(topic)}[${record.partition}]@${record.offset}`;
  const headers = headersOf(record).flatMap(([name, values]) =>
    values.map((value) => `${escaped(name)}: ${shortText(value)}`),
  );
  const lines = [...headers, valueText(topic, record.value)].map(indented);
  return `${place}  ${instant(record.timestampMs)}  ${key}\n${lines.join("\n")}\n`;
}
