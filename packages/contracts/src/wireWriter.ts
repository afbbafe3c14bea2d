import { WIRE } from "./wireReader.ts";

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

/** A field at its default is left out; a negative zero is not at its default. */
export const isLeftOut = (value: number) => Object.is(value, 0);

/** The longest that a field is beside its content: its tag and its length. */
const FRAME_BYTES = 2 * MAX_VARINT_BYTES;
/** What is left free for the length of a message in another one: most are between 128 bytes and 16 kB. */
const LENGTH_BYTES = 2;
const UTF8_BYTES_A_UNIT = 3;

/** Writes messages, one after the other, field by field; fields at their defaults are left out. */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(4_096);
  #at = 0;

  text(field: number, value: string): void {
    if (value === "") return;
    this.#makeRoom(UTF8_BYTES_A_UNIT * value.length);
    this.#tag(field, WIRE.bytes);
    this.#at = writeVarint(this.#bytes, this.#at, Buffer.byteLength(value));
    this.#at += this.#bytes.write(value, this.#at);
  }

  double(field: number, value: number): void {
    if (isLeftOut(value)) return;
    this.#makeRoom(8);
    this.#tag(field, WIRE.fixed64);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /**
   * A number from 0 to 2^53 - 1, without its fraction, whatever type of whole numbers, or of enums, the contract gives it.
   * @throws RangeError for any other, and for what is no number
   */
  whole(field: number, value: number): void {
    const whole = Math.trunc(value);
    if (whole === 0) return;
    if (!(whole > 0 && whole <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is not from 0 to 2^53 - 1`);
    this.#makeRoom(MAX_VARINT_BYTES);
    this.#tag(field, WIRE.varint);
    this.#at = writeVarint(this.#bytes, this.#at, whole);
  }

  flag(field: number, value: boolean): void {
    this.whole(field, value ? 1 : 0);
  }

  /** Begins a message in this one. @returns what `leave` is to be given behind its last field */
  enter(field: number): number {
    this.#makeRoom(LENGTH_BYTES);
    this.#tag(field, WIRE.bytes);
    this.#at += LENGTH_BYTES;
    return this.#at;
  }

  leave(from: number): void {
    const length = this.#at - from;
    const shift = varintBytes(length) - LENGTH_BYTES;
    if (shift !== 0) {
      this.#makeRoom(shift);
      this.#bytes.copyWithin(from + shift, from, this.#at);
      this.#at += shift;
    }
    writeVarint(this.#bytes, from - LENGTH_BYTES, length);
  }

  /** What was written since the last time. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  #tag(field: number, layout: number): void {
    this.#at = writeVarint(this.#bytes, this.#at, (field << 3) | layout);
  }

  /** For a field with content of so many bytes. */
  #makeRoom(contentBytes: number): void {
    const bytes = this.#at + contentBytes + FRAME_BYTES;
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
