import { ConnectorStatus, type Station__Output } from "@greenlane/contracts";
import { expect, test } from "vitest";
import { occupancyOf } from "../src/format/station.ts";
import { bar, legend, timeMarks } from "../src/format/timeline.ts";

const MINUTE_MS = 60_000;
const FROM_MS = Date.UTC(2026, 5, 1, 20, 15);
const span = { fromMs: FROM_MS, hours: 4 };
const taken = (from: number, until: number, held = false) => ({
  ...{ start: FROM_MS + from * MINUTE_MS, end: FROM_MS + until * MINUTE_MS, held, booking_id: "" },
});

test("a connector's next hours are a bar of what is booked, held and free, under the times", () => {
  expect(legend(span)).toBe("Next 4 h (UTC), a sign is 5 min: █ booked, ▒ held, · free, x out of order");
  expect([timeMarks(span), bar([taken(-10, 30), taken(60, 75, true)], span, false)]).toEqual([
    "20:15       21:15       22:15       23:15",
    "██████······▒▒▒·································",
  ]);
});

test("a stretch is shown free only when all of it is", () => {
  expect(bar([taken(4, 6)], span, false)).toMatch(/^██·+$/);
  expect(bar([taken(0, 5)], span, false)).toMatch(/^█·+$/);
  expect(bar([taken(0, 5, true), taken(4, 10)], span, false)).toMatch(/^██·+$/);
});

test("what is booked on a connector that is out of order is still seen", () => {
  expect(bar([taken(5, 10)], span, true)).toMatch(/^x█x+$/);
});

test("each connector counts once: in use, out of order, or booked next", () => {
  const connector = (slots: ReturnType<typeof taken>[], status: 1 | 2 = ConnectorStatus.AVAILABLE) => ({
    ...{ connector_id: "1", power_kw: 50, connector_type: "CCS", status, taken: slots },
  });
  const station: Station__Output = {
    ...{ station_id: "S", name: "", latitude: 0, longitude: 0, price_per_kwh: 0, next_free: 0 },
    connectors: [
      connector([taken(-5, 5), taken(5, 10)]),
      connector([taken(-5, 5)], ConnectorStatus.OUT_OF_ORDER),
      connector([taken(5, 10)], ConnectorStatus.OUT_OF_ORDER),
      connector([taken(5, 10)]),
      connector([taken(-5, 5, true)]),
      connector([taken(-10, 0)]),
      connector([]),
    ],
  };
  expect(occupancyOf(station, FROM_MS)).toEqual({ inUse: 2, outOfOrder: 1, bookedNext: 2, connectors: 7 });
});
