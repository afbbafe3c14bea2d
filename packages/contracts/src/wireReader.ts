import { isUtf8 } from "node:buffer";

/** How a field is laid out: https://protobuf.dev/programming-guides/encoding/ */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const TWO_32 = 2 ** 32;

/** Bytes that are no message. */
export class MalformedMessage extends Error {
  override name = "MalformedMessage";
}

/** Goes through the fields of a message, and of the messages in it. Its methods throw MalformedMessage. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  /** Of the varint read last: its bits from 32 on. */
  #high = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Whether the message that is read has no further field. */
  get atEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** A field's number and layout, as the contract's tags write them. */
  tag(): number {
    const tag = this.#varint();
    if (tag >>> 3 === 0) throw new MalformedMessage("a field has number 0");
    return tag;
  }

  /** As a JavaScript number: beyond 2^53 the nearest one. */
  int64(): number {
    const low = this.#varint();
    return (this.#high | 0) * TWO_32 + low;
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const from = this.#advance(this.#length());
    const text = this.#bytes.toString("utf8", from, this.#at);
    // Bytes that are no UTF-8 come out as U+FFFD: two ids must not become one.
    if (text.includes("\ufffd") && !isUtf8(this.#bytes.subarray(from, this.#at)))
      throw new MalformedMessage("a text is not UTF-8");
    return text;
  }

  /** Goes into a message in this one. @returns what `leave` is to be given behind its last field */
  enter(): number {
    const outerEnd = this.#end;
    const from = this.#advance(this.#length());
    this.#end = this.#at;
    this.#at = from;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** Passes over the value of a field that the reader does not know. */
  skip(tag: number): void {
    const layout = tag & 7;
    if (layout === WIRE.varint) this.#varint();
    else if (layout === WIRE.fixed64) this.#advance(8);
    else if (layout === WIRE.fixed32) this.#advance(4);
    else if (layout === WIRE.bytes) this.#advance(this.#length());
    else throw new MalformedMessage(`wire type ${layout} is not in use`);
  }

  #length(): number {
    const low = this.#varint();
    return this.#high === 0 ? low : Number.POSITIVE_INFINITY;
  }

  /** Moves on. @returns where it was */
  #advance(length: number): number {
    const from = this.#at;
    if (length > this.#end - from) throw new MalformedMessage("the message ends in the middle of a field");
    this.#at = from + length;
    return from;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new MalformedMessage("the message ends in the middle of a field");
    return this.#bytes[this.#at++] as number;
  }

  /** A varint of up to ten bytes. @returns its low 32 bits; the others are in `#high` */
  #varint(): number {
    let low = this.#byte();
    this.#high = 0;
    if (low < 128) return low;
    low &= 127;
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        this.#high = bits >>> 4;
      } else this.#high |= bits << (shift - 32);
      if (byte < 128) {
        this.#high >>>= 0;
        return low >>> 0;
      }
    }
    throw new MalformedMessage("a number has more than ten bytes");
  }
}
