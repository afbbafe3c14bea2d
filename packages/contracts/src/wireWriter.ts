/** What a whole number up to 2^53 takes as a varint, at the most. */
export const MAX_VARINT_BYTES = 8;

/** Writes a whole number from 0 to 2^53 - 1 as a varint. @returns where it ends */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
  bytes[at++] = rest;
  return at;
}

/** What such a number takes as a varint, bytes. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
