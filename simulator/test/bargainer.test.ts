import { type CarMessage, RefusalReason, WireBookingState } from "@greenlane/contracts";
import { seededRandom } from "@greenlane/domain";
import { expect, test } from "vitest";
import { Bargainer, type CarWords, type Circumstances } from "../src/bargainer.ts";
import { booking, offers, refusal, waitlisted } from "./engineWords.ts";

const NOW_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const TRAITS = { capacityKwh: 50, kwhPerKm: 0.18, topUpPercent: 100 };
const place = { latitude: 40.75, longitude: -73.98 };

/** A low car that is anywhere at once. */
function lowCar(more: Partial<Circumstances> = {}): Circumstances {
  return { ...place, batteryPercent: 12, isCharging: false, need: 1, arrivalMs: () => NOW_MS, ...more };
}

/** The random numbers of a car that neither counters nor declines. */
const willing = () => 0.99;
const newBargainer = (random = willing) => new Bargainer("CAR-1", TRAITS, random);

const said = (words: CarWords[]): CarMessage[] => words.flatMap((each) => (each.kind === "say" ? [each.message] : []));
const kinds = (words: CarWords[]) =>
  words.map((each) => (each.kind === "say" ? (Object.keys(each.message)[0] ?? "") : each.kind));

/** Asks, and gives the request as it was said. */
function asked(bargainer: Bargainer, nowMs = NOW_MS, car = lowCar()) {
  bargainer.want(car, nowMs);
  const [message] = said(bargainer.takeWords());
  if (message?.request === undefined || message.request === null) throw new Error("it did not ask");
  return message.request;
}

/** Has booked B-1, for the next ten minutes. */
function booked(bargainer = newBargainer(), car = lowCar()): Bargainer {
  bargainer.hear(booking({ start: NOW_MS, end: NOW_MS + 10 * MINUTE_MS, kwh: 8 }), car, NOW_MS);
  return bargainer;
}

const OFFER = { offer_id: "B-1", start: NOW_MS, end: NOW_MS + 10 * MINUTE_MS };

test("a car that needs energy asks once, to 80 % or what it tops up to", () => {
  const bargainer = newBargainer();
  expect(asked(bargainer)).toMatchObject({
    car_id: "CAR-1",
    battery_level: 12,
    target_level: 80,
    least_level: 46,
    ...place,
  });
  bargainer.want(lowCar(), NOW_MS + 1_000);
  expect(bargainer.takeWords()).toEqual([]);
  expect(asked(new Bargainer("CAR-1", { ...TRAITS, topUpPercent: 1 }, willing)).target_level).toBe(13);
});

test("the best offer is accepted, and the next best when somebody else had the slot", () => {
  const bargainer = newBargainer();
  const { request_id = "" } = asked(bargainer);
  bargainer.hear(offers(request_id, [OFFER, { ...OFFER, offer_id: "worse" }]), lowCar(), NOW_MS);
  expect(said(bargainer.takeWords())).toEqual([{ accept: { request_id, offer_id: "B-1", car_id: "CAR-1" } }]);
  bargainer.hear(offers(request_id, [{ ...OFFER, offer_id: "B-2" }]), lowCar(), NOW_MS);
  expect(said(bargainer.takeWords())).toEqual([{ accept: { request_id, offer_id: "B-2", car_id: "CAR-1" } }]);
});

test("of many cars most accept, some counter, once, and some decline", () => {
  const answers = { accept: 0, counter: 0, decline: 0 };
  for (let seed = 0; seed < 1_000; seed++) {
    const bargainer = newBargainer(seededRandom(seed));
    const { request_id = "" } = asked(bargainer);
    const rounds: string[] = [];
    for (let round = 0; round < 3; round++) {
      bargainer.hear(offers(request_id, [OFFER]), lowCar(), NOW_MS);
      rounds.push(kinds(bargainer.takeWords())[0] ?? "");
      if (rounds.at(-1) !== "counter") break;
    }
    answers[rounds[0] as keyof typeof answers]++;
    expect(rounds.filter((answer) => answer === "counter").length).toBeLessThanOrEqual(1);
  }
  expect(answers.accept).toBeGreaterThan(700);
  expect(answers.counter).toBeGreaterThan(100);
  expect(answers.decline).toBeGreaterThan(20);
});

test("on another stream a car utters the same wish again, until it has a booking; then it asks for that", () => {
  const bargainer = newBargainer();
  const request = asked(bargainer);
  expect(said(bargainer.repeat())).toEqual([{ request }]);
  bargainer.hear(offers(request.request_id ?? "", [OFFER]), lowCar(), NOW_MS);
  expect(said(bargainer.repeat())).toEqual([{ request }]);
  booked(bargainer);
  expect(kinds(bargainer.repeat())).toEqual(["look up", "presence"]);
});

test("an engine that is being put in order is asked again with the same wish, when it said and not before", () => {
  const bargainer = newBargainer();
  const request = asked(bargainer);
  const away = refusal(request.request_id ?? "", { reason: RefusalReason.UNAVAILABLE, retry_after_ms: 3_000 });
  bargainer.hear(away, lowCar(), NOW_MS);
  bargainer.want(lowCar(), NOW_MS + 2_999);
  expect(bargainer.takeWords()).toEqual([]);
  expect(asked(bargainer, NOW_MS + 3_000)).toEqual(request);
});

test("a car for which there is nothing comes again later, with a new wish", () => {
  const bargainer = newBargainer();
  const request = asked(bargainer);
  bargainer.hear(refusal(request.request_id ?? "", { reason: RefusalReason.NO_OPTION }), lowCar(), NOW_MS);
  bargainer.want(lowCar(), NOW_MS + 1_000);
  expect(bargainer.takeWords()).toEqual([]);
  expect(asked(bargainer, NOW_MS + MINUTE_MS).request_id).not.toBe(request.request_id);
});

test("a car that has driven on asks from where it is", () => {
  const bargainer = newBargainer();
  const { request_id } = asked(bargainer);
  bargainer.hear(waitlisted(request_id ?? ""), lowCar(), NOW_MS);
  const elsewhere = lowCar({ latitude: 40.8 });
  const other = asked(bargainer, NOW_MS + MINUTE_MS, elsewhere);
  expect(other).toMatchObject({ latitude: 40.8 });
  expect(other.request_id).not.toBe(request_id);
});

test("a booking that the car knows nothing of is canceled when it stands in the way", () => {
  const bargainer = newBargainer();
  const { request_id } = asked(bargainer);
  const inTheWay = { reason: RefusalReason.CONFLICT, booking_id: "B-0" };
  bargainer.hear(refusal(request_id ?? "", inTheWay), lowCar(), NOW_MS);
  expect(bargainer.takeWords()).toMatchObject([{ kind: "cancel", bookingId: "B-0" }]);
  expect(asked(bargainer, NOW_MS + 1_000).request_id).not.toBe(request_id);
});

test("how long a car has got nothing counts from its first wish, until it is offered something or put in line", () => {
  const bargainer = newBargainer();
  const { request_id = "" } = asked(bargainer);
  bargainer.hear(refusal(request_id, { reason: RefusalReason.UNAVAILABLE, retry_after_ms: 100 }), lowCar(), NOW_MS);
  const again = asked(bargainer, NOW_MS + 5_000).request_id ?? "";
  expect(bargainer.unservedMs(NOW_MS + 7_000)).toBe(7_000);
  bargainer.hear(waitlisted(again), lowCar(), NOW_MS + 8_000);
  expect(bargainer.unservedMs(NOW_MS + 9_000)).toBe(0);
});

test("the more a car needs energy, the likelier it follows an invitation; one that is plugged in or far off does not", () => {
  const comers = (more: Partial<Circumstances>) => {
    const random = seededRandom(7);
    return Array.from({ length: 1_000 }, () => {
      const bargainer = newBargainer(random);
      bargainer.hear(offers("invitation-1", [OFFER], { invitation: true }), lowCar(more), NOW_MS);
      return kinds(bargainer.takeWords())[0];
    }).filter((answer) => answer === "accept").length;
  };
  expect(comers({ need: 1 })).toBe(1_000);
  expect(comers({ need: 0.3 })).toBeGreaterThan(250);
  expect(comers({ need: 0.3 })).toBeLessThan(350);
  expect(comers({ need: -0.5 })).toBe(0);
  expect(comers({ need: 1, isCharging: true })).toBe(0);
  expect(comers({ need: 1, arrivalMs: () => NOW_MS + 5 * MINUTE_MS })).toBe(0);
});

test("a car that has a slot takes another one only when it is over sooner", () => {
  const answer = (end: number) => {
    const bargainer = booked();
    bargainer.hear(offers("invitation-1", [{ ...OFFER, end }], { invitation: true }), lowCar(), NOW_MS);
    return kinds(bargainer.takeWords());
  };
  expect(answer(NOW_MS + 9 * MINUTE_MS)).toEqual(["accept"]);
  expect(answer(NOW_MS + 11 * MINUTE_MS)).toEqual(["decline"]);
});

test("offers that the car did not ask for, or no longer, are declined, so that nothing stays held", () => {
  const bargainer = newBargainer();
  bargainer.hear(offers("who asked?", [OFFER]), lowCar(), NOW_MS);
  expect(said(bargainer.takeWords())).toEqual([{ decline: { request_id: "who asked?", car_id: "CAR-1" } }]);
});

test("news of a booking counts by its version: what is older changes nothing", () => {
  const bargainer = newBargainer();
  const at = (startMs: number, version: number) =>
    bargainer.hear(booking({ start: startMs, end: startMs + MINUTE_MS, version }), lowCar(), NOW_MS);
  at(NOW_MS + 1_000, 1);
  at(NOW_MS + 9_000, 3);
  at(NOW_MS + 5_000, 2);
  expect(bargainer.booking).toMatchObject({ startMs: NOW_MS + 9_000, version: 3 });
});

test.each([["CANCELED"], ["NO_SHOW"]] as const)(
  "a booking that is %s is none of the car's any more, and it asks anew",
  (state) => {
    const bargainer = booked();
    bargainer.hear(booking({ state: WireBookingState[state], version: 2 }), lowCar(), NOW_MS);
    expect(bargainer.booking).toBeUndefined();
    expect(asked(bargainer, NOW_MS + 1_000).target_level).toBe(80);
    bargainer.hear(booking({ version: 3 }), lowCar(), NOW_MS);
    expect(bargainer.booking).toBeUndefined();
  },
);

test("a car that would miss much of its slot asks for another time, three times at the most", () => {
  const late = lowCar({ arrivalMs: () => NOW_MS + 5 * MINUTE_MS });
  const bargainer = booked(newBargainer(), late);
  expect(said(bargainer.takeWords())).toEqual([
    { move: { booking_id: "B-1", car_id: "CAR-1", earliest: NOW_MS + 5 * MINUTE_MS } },
  ]);
  for (let version = 2; version < 20; version++)
    bargainer.hear(booking({ start: NOW_MS, end: NOW_MS + 10 * MINUTE_MS, version }), late, NOW_MS);
  expect(kinds(bargainer.takeWords())).toEqual(["move", "move"]);
  expect(bargainer.booking).toMatchObject({ bookingId: "B-1" });
});

test("a car that leaves service gives back what it has, and what it is still told of", () => {
  const bargainer = booked();
  bargainer.retire();
  expect(bargainer.takeWords()).toMatchObject([{ kind: "cancel", bookingId: "B-1" }]);
  bargainer.hear(booking({ booking_id: "B-2" }), lowCar(), NOW_MS);
  expect(bargainer.takeWords()).toMatchObject([{ kind: "cancel", bookingId: "B-2" }]);
});
