import * as fc from "fast-check";

/** One way of damaging bytes; `at` is a place in them, whatever their length. */
interface Edit {
  how: "flip" | "insert" | "overwrite" | "remove" | "truncate" | "repeat";
  at: number;
  bytes: Uint8Array;
}

export type Damage = readonly Edit[];

/** Damage to a message: none, as a rule. */
export const someDamage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.record({
        how: fc.constantFrom("flip", "insert", "overwrite", "remove", "truncate", "repeat"),
        at: fc.nat(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  },
);

/** @returns the bytes with the edits made, one after the other */
export function damaged(whole: Buffer, damage: Damage): Buffer {
  return damage.reduce<Buffer>(edited, whole);
}

function edited(whole: Buffer, { how, at, bytes }: Edit): Buffer {
  const place = at % (whole.length + 1);
  const [head, tail] = [whole.subarray(0, place), whole.subarray(place)];
  switch (how) {
    case "flip":
      return Buffer.concat([head, tail.subarray(0, 1).map((byte) => byte ^ (1 << (at % 8))), tail.subarray(1)]);
    case "insert":
      return Buffer.concat([head, bytes, tail]);
    case "overwrite":
      return Buffer.concat([head, bytes, tail.subarray(bytes.length)]);
    case "remove":
      return Buffer.concat([head, tail.subarray(bytes.length)]);
    case "truncate":
      return Buffer.from(head);
    case "repeat":
      return Buffer.concat([whole, tail]);
  }
}
