import { randomUUID } from "node:crypto";
import {
  type ChargeOption,
  type ChargeRequest,
  type IdleCar,
  INVITATION,
  type Invitation,
  invite,
  type OpenConnector,
  roadKm,
  suits,
  type Travel,
} from "@greenlane/domain";
import { type CarState, carStates, type Redis } from "@greenlane/redis";
import { pause, type Runtime } from "@greenlane/runtime";
import { bookingsOfRequests, type Database } from "@greenlane/timescale";
import { DAY_MS, DEFAULT_VALUE_PER_HOUR, NO_LIMIT } from "./chargeRequests.ts";
import type { Engine } from "./engine.ts";
import type { GridForecast } from "./gridForecast.ts";
import type { Guest, Guests } from "./guests.ts";
import type { OpenStations } from "./openStations.ts";
import { SlotsUnavailable } from "./slotBook.ts";
import type { UnaskedOffers } from "./unaskedOffers.ts";

export interface InviterParts {
  database: Database;
  redis: Redis;
  stations: OpenStations;
  guests: Guests;
  forecast: GridForecast;
  engine: Engine;
  unasked: UnaskedOffers;
}

export interface InviterOptions {
  everyMs: number;
  travel: Travel;
}

/** Cars considered at once; those that were called longest ago come first. */
const MAX_CARS = 200;
/** A car that did not take an invitation is left alone for so long. */
const PEACE_MS = 60_000;
/** A car whose last report is older is not where it was. */
const FRESH_MS = 60_000;
/** How far ahead a connector calls. */
const SOON_MS = 15 * 60_000;
/** A car's charge, %: below the first it waits for energy; it is called to no more than the second. */
const LOW_PERCENT = 20;
const CEILING_PERCENT = 80;
/** What a car in service uses on the average, kW, and for how long its service is looked ahead. */
const USE_KW = 5;
const SERVICE_AHEAD_MS = DAY_MS;
const HOUR_MS = 3_600_000;
/** The engine does not know where customers will want cars, so it does not matter to it where one stands. */
const NO_MATTER = 0;

interface Candidate {
  guest: Guest;
  report: CarState & { latitude: number; longitude: number };
}

/** A connector's next free stretch. */
interface Gap {
  open: OpenConnector;
  fromMs: number;
  untilMs: number;
}

/** Calls idle cars to connectors that are free, or soon will be: the engine speaks first. */
export function startInviter(parts: InviterParts, options: InviterOptions, runtime: Runtime): AsyncDisposable {
  const stopping = new AbortController();
  const inviter = new Inviter(parts, options, runtime);

  async function run(): Promise<void> {
    for (;;) {
      await pause(options.everyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await inviter.round();
      } catch (err) {
        const level = err instanceof SlotsUnavailable ? "debug" : "warn";
        runtime.logger[level]({ err }, "cars could not be invited");
      }
    }
  }

  const running = options.everyMs === 0 ? Promise.resolve() : run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}

class Inviter {
  readonly #parts: InviterParts;
  readonly #options: InviterOptions;
  readonly #runtime: Runtime;

  constructor(parts: InviterParts, options: InviterOptions, runtime: Runtime) {
    this.#parts = parts;
    this.#options = options;
    this.#runtime = runtime;
  }

  /** @throws SlotsUnavailable, or what Redis throws */
  async round(): Promise<void> {
    const nowMs = this.#runtime.clock.nowMs();
    const candidates = await this.#candidates(nowMs);
    if (candidates.length === 0) return;
    const gaps = gapsOf(await this.#parts.stations.around(candidates.map(({ report }) => report)), nowMs);
    if (gaps.length === 0) return;
    const invitations = invite(
      nowMs,
      candidates.map((candidate) => this.#asIdleCar(candidate, nowMs)),
      gaps.map(({ open: { connector }, fromMs }) => ({ ...connector, freeMs: fromMs, placeWorthKwh: NO_MATTER })),
      (car, gap) => this.#drive(candidates[car] as Candidate, gaps[gap] as Gap),
    );
    // Who may leave later is called later, as another may need it more by then.
    const due = invitations.filter(({ leaveMs }) => leaveMs <= nowMs + this.#options.everyMs);
    await Promise.all(
      due.map((invitation) =>
        this.#call(candidates[invitation.car] as Candidate, gaps[invitation.connector] as Gap, invitation, nowMs),
      ),
    );
  }

  async #candidates(nowMs: number): Promise<Candidate[]> {
    const guests = [...this.#parts.guests.all()]
      .filter(({ carId, calledAtMs }) => calledAtMs + PEACE_MS <= nowMs && !this.#parts.engine.negotiatesWith(carId))
      .sort((a, b) => a.calledAtMs - b.calledAtMs)
      .slice(0, MAX_CARS);
    const reports = await carStates(
      this.#parts.redis,
      guests.map(({ carId }) => carId),
    );
    const asked = guests.map(({ carId }) => ({ carId, requestId: "" }));
    const bookings = await bookingsOfRequests(this.#parts.database, asked);
    return guests.flatMap((guest, n) => {
      const report = reports[n];
      if (bookings[n] !== undefined) return [];
      if (report?.latitude === undefined || report.longitude === undefined) return [];
      if (report.timestampMs + FRESH_MS < nowMs || report.sessionId !== "") return [];
      return [{ guest, report: { ...report, latitude: report.latitude, longitude: report.longitude } }];
    });
  }

  #asIdleCar(
    { guest: { capacityKwh, kwhPerKm, maxPowerKw }, report: { batteryPercent } }: Candidate,
    nowMs: number,
  ): IdleCar {
    const kwhAt = (percent: number) => (percent / 100) * capacityKwh;
    return {
      kwh: kwhAt(batteryPercent),
      capacityKwh,
      floorKwh: kwhAt(this.#options.travel.reservePercent),
      lowKwh: kwhAt(LOW_PERCENT),
      ceilingKwh: kwhAt(CEILING_PERCENT),
      kwhPerKm,
      maxPowerKw,
      useKw: USE_KW,
      serviceEndMs: nowMs + SERVICE_AHEAD_MS,
      placeWorthKwh: NO_MATTER,
    };
  }

  #drive({ guest, report }: Candidate, { open: { connector } }: Gap) {
    if (!suits({ connectorTypes: guest.connectorTypes }, connector)) return undefined;
    const km = roadKm(report, connector.at, this.#options.travel);
    return { km, ms: (km / this.#options.travel.speedKmh) * HOUR_MS };
  }

  /** Offers the slot to the car. */
  async #call(candidate: Candidate, { open, untilMs }: Gap, invitation: Invitation, nowMs: number): Promise<void> {
    const { guest, report } = candidate;
    const { connector, tariff } = open;
    const startMs = Math.ceil(invitation.startMs);
    const endMs = Math.min(Math.ceil(invitation.endMs), untilMs);
    const kwh = invitation.kwh * ((endMs - startMs) / (invitation.endMs - invitation.startMs));
    const drive = this.#drive(candidate, { open, fromMs: startMs, untilMs });
    if (drive === undefined || endMs - startMs < INVITATION.shortestMs) return;
    const arrivalPercent = report.batteryPercent - ((drive.km * guest.kwhPerKm) / guest.capacityKwh) * 100;
    const option: ChargeOption = {
      connector,
      startMs,
      endMs,
      arriveMs: nowMs + drive.ms,
      km: drive.km,
      targetPercent: Math.min(100, arrivalPercent + (kwh / guest.capacityKwh) * 100),
      kwh,
      pricePerKwh: tariff.pricePerKwh({ startMs, endMs }),
    };
    const gridPrice = this.#parts.forecast.pricePerKwh(option);
    const why = `a connector is free ${Math.round(drive.km * 10) / 10} km away ${inWords(option.pricePerKwh, gridPrice)}, and the car is at ${Math.round(report.batteryPercent)} %`;
    const request = requestOf(candidate, option, nowMs);
    const isHeld = await this.#parts.unasked.make(request, option, guest.party, { why, replaces: undefined });
    if (isHeld) guest.calledAtMs = nowMs;
  }
}

/** A price by the grid's: idle connectors sell below it. */
function inWords(pricePerKwh: number, gridPricePerKwh: number): string {
  const percent = Math.round((pricePerKwh / gridPricePerKwh - 1) * 100);
  if (!(gridPricePerKwh > 0) || percent === 0) return "at the grid's price";
  return `at ${Math.abs(percent)} % ${percent < 0 ? "below" : "above"} the grid's price`;
}

/** The connectors that are free soon, for as long as the shortest session at least. */
function gapsOf(connectors: readonly OpenConnector[], nowMs: number): Gap[] {
  return connectors.flatMap((open) => {
    const fromMs = open.calendar.earliestStartMs(nowMs, INVITATION.shortestMs);
    if (fromMs > nowMs + SOON_MS) return [];
    const next = open.calendar.entries.find(({ startMs }) => startMs >= fromMs);
    return [{ open, fromMs, untilMs: next?.startMs ?? Number.POSITIVE_INFINITY }];
  });
}

/** What a car would have asked for that is called. */
function requestOf({ guest, report }: Candidate, { targetPercent }: ChargeOption, nowMs: number): ChargeRequest {
  return {
    requestId: `invitation-${randomUUID()}`,
    carId: guest.carId,
    askedAtMs: nowMs,
    at: { latitude: report.latitude, longitude: report.longitude },
    batteryPercent: report.batteryPercent,
    capacityKwh: guest.capacityKwh,
    kwhPerKm: guest.kwhPerKm,
    targetPercent,
    leastPercent: Math.min(targetPercent, report.batteryPercent + 1),
    maxPowerKw: guest.maxPowerKw,
    connectorTypes: guest.connectorTypes,
    earliestMs: 0,
    latestMs: nowMs + DAY_MS,
    maxWaitMs: NO_LIMIT,
    valuePerHour: DEFAULT_VALUE_PER_HOUR,
    maxPricePerKwh: NO_LIMIT,
  };
}
