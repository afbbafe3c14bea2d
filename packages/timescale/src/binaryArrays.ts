/**
 * PostgreSQL's binary form of one-dimensional arrays, as array_recv reads it: a header, then each element with its
 * length before it. pg sends a Buffer as it is; thousands of rows so cost a fraction of what arrays as text cost, to
 * write here and to read there.
 */
const OID = { text: 25, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;
/** 2000-01-01, from which PostgreSQL counts microseconds, in Unix ms. */
const EPOCH_MS = 946_684_800_000;

function arrayOf(elementOid: number, count: number, elementsBytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + elementsBytes);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // no element is null
  array.writeInt32BE(elementOid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16); // index of the first element
  return array;
}

function arrayOfNumbers(
  elementOid: number,
  values: number[],
  write: (array: Buffer, value: number, at: number) => void,
) {
  const array = arrayOf(elementOid, values.length, values.length * (LENGTH_BYTES + NUMBER_BYTES));
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(NUMBER_BYTES, at);
    write(array, value, at + LENGTH_BYTES);
    at += LENGTH_BYTES + NUMBER_BYTES;
  }
  return array;
}

/** For a parameter of type float8[]. */
export function float8Array(values: number[]): Buffer {
  return arrayOfNumbers(OID.float8, values, (array, value, at) => array.writeDoubleBE(value, at));
}

/** For a parameter of type timestamptz[], from whole Unix ms. @throws RangeError for a fraction */
export function timestamptzArray(unixMs: number[]): Buffer {
  return arrayOfNumbers(OID.timestamptz, unixMs, (array, ms, at) =>
    array.writeBigInt64BE(BigInt(ms - EPOCH_MS) * 1000n, at),
  );
}

/** For a parameter of type text[]. No text may hold U+0000, which PostgreSQL cannot store. */
export function textArray(values: string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const bytes = lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0);
  const array = arrayOf(OID.text, values.length, bytes);
  let at = HEADER_BYTES;
  for (const [n, value] of values.entries()) {
    const length = lengths[n] ?? 0;
    array.writeInt32BE(length, at);
    array.write(value, at + LENGTH_BYTES, length);
    at += LENGTH_BYTES + length;
  }
  return array;
}
