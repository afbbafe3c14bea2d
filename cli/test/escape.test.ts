import * as fc from "fast-check";
import { expect, test } from "vitest";
import { escaped, jsonLine, jsonLines } from "../src/format/escape.ts";

test("no text brings a control, an invisible or a direction-changing character to the terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escaped(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("text that does no harm is left as it is", () => {
  expect(escaped("CAR-001 Zürich 東京 🟢 $2")).toBe("CAR-001 Zürich 東京 🟢 $2");
});

test("JSON for a terminal reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const same: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(jsonLine(value))).toEqual(same);
      expect(JSON.parse(jsonLines(value))).toEqual(same);
      expect(jsonLine(value)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});
