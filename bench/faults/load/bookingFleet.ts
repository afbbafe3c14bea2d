import { API_TOKEN_METADATA, loadFleetPackage, type NegotiationServiceClient } from "@greenlane/contracts";
import { backoffMs } from "@greenlane/runtime";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { CHANNEL } from "../../channel.ts";
import { Depot } from "../../herd/depot.ts";
import type { CommonWish } from "../../herd/generatorMessages.ts";
import { HerdCar } from "../../herd/herdCar.ts";
import type { Harvest, LoadPlan, Pulse, ToldOutcome } from "./loadMessages.ts";
import { Pace } from "./pace.ts";

const DEPOTS = 4;
/** A kilowatt hour: slots of a little more than a minute. */
const WISH: CommonWish = { capacityKwh: 10, kwhPerKm: 0, targetPercent: 80, maxPowerKw: 50, valuePerHour: 20 };
const BATTERY_PERCENT = 70;
/** Of so many cars one keeps its booking; the others give it up after a while. */
const KEPT_OF = 10;
const KEEP_MS = 2_000;
/** A car that has no answer for so long utters its request again. */
const PATIENCE_MS = 5_000;
const CALL_TIMEOUT_MS = 5_000;
const RETRY = { baseMs: 100, maxMs: 1_000 };
/** What means that it is no more, however it came to that: a cancellation that was heard, though not its answer. */
const OVER = new Set([status.FAILED_PRECONDITION, status.NOT_FOUND]);

interface BookingCar {
  car: HerdCar;
  depot: Depot;
  askedAtMs: number;
  utteredAtMs: number;
  keeps: boolean;
  canceledAtMs: number | undefined;
}

/** Cars that each ask once, take the first offer, and keep the booking or give it up after a while. */
export class BookingFleet {
  readonly #plan: LoadPlan;
  readonly #pace: Pace;
  readonly #client: NegotiationServiceClient;
  readonly #metadata = new Metadata();
  readonly #depots: Depot[];
  /** Those that wait for an answer, or for the answer to their cancellation. */
  readonly #open = new Set<BookingCar>();
  readonly #kept: BookingCar[] = [];
  #ended: ToldOutcome[] = [];
  #refusals: Record<string, number> = {};
  #asked = 0;
  #confirmed = 0;
  #refused = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#pace = new Pace(plan.bookingsPerSecond);
    this.#metadata.set(API_TOKEN_METADATA, plan.token);
    const { NegotiationService } = loadFleetPackage();
    const connect = () => new NegotiationService(plan.booking, credentials.createInsecure(), CHANNEL);
    this.#client = connect();
    this.#depots = Array.from({ length: DEPOTS }, (_, n) => {
      const depot = new Depot([connect()], 0, this.#metadata);
      const keeper = new HerdCar(this.#place(`${plan.name}-depot-${n}`), WISH, (message) => depot.say(message));
      depot.cars.set(keeper.record.carId, keeper);
      depot.open();
      return depot;
    });
  }

  go(): void {
    this.#pace.go();
  }

  hold(): void {
    this.#pace.hold();
  }

  /** Does what is due. */
  tick(): void {
    for (let due = this.#pace.takeDue(); due > 0; due--) this.#ask();
    const nowMs = performance.now();
    for (const one of this.#open) this.#goOn(one, nowMs);
  }

  pulse(): Pick<Pulse, "openRequests" | "oldestRequestMs" | "confirmed" | "refused"> {
    const nowMs = performance.now();
    let oldestMs = nowMs;
    let openRequests = 0;
    for (const { car, askedAtMs, canceledAtMs } of this.#open) {
      openRequests++;
      if (!car.isSettled) oldestMs = Math.min(oldestMs, askedAtMs);
      else if (canceledAtMs !== undefined) oldestMs = Math.min(oldestMs, canceledAtMs);
    }
    return {
      openRequests,
      oldestRequestMs: nowMs - oldestMs,
      confirmed: this.#confirmed,
      refused: this.#refused,
    };
  }

  /** All that are kept, and what was given up since the last time. */
  harvest(): Pick<Harvest, "bookings" | "refusals"> {
    const bookings = [...this.#kept.flatMap((one) => outcomesOf(one)), ...this.#ended];
    const refusals = this.#refusals;
    this.#ended = [];
    this.#refusals = {};
    return { bookings, refusals };
  }

  #place(carId: string) {
    const { latitude, longitude } = this.#plan.centre;
    const spread = () => (Math.random() - 0.5) * 0.05;
    return {
      carId,
      latitude: latitude + spread(),
      longitude: longitude + spread(),
      batteryPercent: BATTERY_PERCENT,
    };
  }

  #ask(): void {
    const n = this.#asked++;
    const depot = this.#depots[n % DEPOTS];
    if (depot === undefined) throw new RangeError("there is no depot");
    const car = new HerdCar(this.#place(`${this.#plan.name}-booker-${n}`), WISH, (message) => depot.say(message));
    depot.cars.set(car.record.carId, car);
    const nowMs = performance.now();
    const keeps = n % KEPT_OF === 0;
    this.#open.add({ car, depot, askedAtMs: nowMs, utteredAtMs: nowMs, keeps, canceledAtMs: undefined });
    car.ask();
  }

  #goOn(one: BookingCar, nowMs: number): void {
    const { car } = one;
    if (one.canceledAtMs !== undefined) return;
    if (!car.isSettled) {
      if (nowMs - one.utteredAtMs < PATIENCE_MS) return;
      one.utteredAtMs = nowMs;
      car.askAgain();
    } else if (car.record.end !== "booked") {
      this.#refused++;
      this.#refusals[car.record.refusal] = (this.#refusals[car.record.refusal] ?? 0) + 1;
      this.#leave(one);
    } else if (one.keeps) {
      this.#confirmed++;
      this.#kept.push(one);
      this.#open.delete(one);
    } else if (!this.#pace.isGoing || nowMs - one.utteredAtMs > KEEP_MS) {
      this.#confirmed++;
      one.canceledAtMs = nowMs;
      void this.#giveUp(one);
    }
  }

  async #giveUp(one: BookingCar): Promise<void> {
    const outcomes = outcomesOf(one);
    for (const { bookingId } of outcomes) {
      for (let attempt = 0; !(await this.#cancel(bookingId)); attempt++) await pauseMs(backoffMs(attempt, RETRY));
    }
    this.#ended.push(...outcomes);
    this.#leave(one);
  }

  /** @returns whether it is no more */
  #cancel(bookingId: string): Promise<boolean> {
    const order = { booking_id: bookingId, reason: "the load has had enough" };
    const deadline = Date.now() + CALL_TIMEOUT_MS;
    return new Promise((resolve) => {
      this.#client.CancelBooking(order, this.#metadata, { deadline }, (error: ServiceError | null) =>
        resolve(error === null || OVER.has(error.code)),
      );
    });
  }

  #leave(one: BookingCar): void {
    one.depot.cars.delete(one.car.record.carId);
    this.#open.delete(one);
  }
}

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function outcomesOf({ car: { record }, canceledAtMs }: BookingCar): ToldOutcome[] {
  const { carId, confirmedAtMs = 0 } = record;
  const endMs = canceledAtMs === undefined ? undefined : performance.timeOrigin + canceledAtMs;
  return record.told.map((told) => ({ ...told, carId, confirmedAtMs, canceledAtMs: endMs }));
}
