import { loadFleetPackage } from "@greenlane/contracts";
import { SETTLEMENT_INTERVAL_MS } from "@greenlane/domain";
import { credentials } from "@grpc/grpc-js";
import { CHANNEL } from "../../channel.ts";
import type { Harvest, LoadPlan, Pulse } from "./loadMessages.ts";
import { Pace } from "./pace.ts";
import { ReportingCar, type SentReport } from "./reportingCar.ts";

const CONNECTIONS = 8;
/** Of four cars one charges. */
const CHARGING_OF = 4;
const SESSION_MS = 20_000;
const KWH_A_REPORT = 0.01;
/** After so long sessions begin in the quarter of an hour before: the grid has always a price to be asked for. */
const INTERVAL_EVERY_MS = 4_000;

/** Whether a car keeps to the present: those that charge report of the past, one quarter of an hour after the other. */
export const isPresent = (n: number) => n % CHARGING_OF !== 0;
export const reportingCarId = (name: string, n: number) => `${name}-car-${n}`;

interface Session {
  id: string;
  beganAtMs: number;
  /** How far its clock is behind. */
  behindMs: number;
  kwh: number;
}

interface FleetCar {
  carId: string;
  car: ReportingCar;
  lastMs: number;
  session: Session | undefined;
  sessions: number;
  acked: number[];
}

/**
 * Cars that report evenly over each second, each on a stream of its own. Some charge: in sessions, whose time is earlier
 * with each new one, so that no two reports of a car have one time and the prices of many intervals are needed.
 */
export class ReportingFleet {
  readonly #plan: LoadPlan;
  readonly #pace: Pace;
  readonly #cars: FleetCar[];
  readonly #beganAtMs = Date.now();
  readonly #readings = new Map<string, Harvest["sessions"][number]>();
  #sent = 0;
  #acked = 0;
  #rejected = 0;
  #streamsLost = 0;
  #lastAckAtMs = performance.now();
  #longestSilenceMs = 0;
  readonly rejections: Record<string, number> = {};

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#pace = new Pace(plan.eventsPerSecond);
    const { FleetService } = loadFleetPackage();
    const clients = Array.from(
      { length: CONNECTIONS },
      () => new FleetService(plan.ingestion, credentials.createInsecure(), CHANNEL),
    );
    this.#cars = Array.from({ length: plan.cars }, (_, n) => {
      const fleetCar: FleetCar = {
        carId: reportingCarId(plan.name, n),
        car: new ReportingCar(
          (metadata) => {
            const client = clients[n % CONNECTIONS];
            if (client === undefined) throw new RangeError("there is no connection");
            return client.StreamTelemetry(metadata);
          },
          plan.token,
          {
            acked: (report) => this.#heard(fleetCar, report),
            rejected: (message) => {
              this.#rejected++;
              this.rejections[message] = (this.rejections[message] ?? 0) + 1;
            },
            streamLost: () => {
              this.#streamsLost++;
            },
          },
        ),
        lastMs: 0,
        session: undefined,
        sessions: 0,
        acked: [],
      };
      return fleetCar;
    });
  }

  go(): void {
    this.#pace.go();
  }

  hold(): void {
    this.#pace.hold();
  }

  /** Sends what is due. */
  tick(): void {
    for (let due = this.#pace.takeDue(); due > 0; due--) this.#report(this.#sent % this.#cars.length);
  }

  /** The longest silence is measured from now on. */
  begin(): void {
    this.#longestSilenceMs = 0;
    this.#lastAckAtMs = performance.now();
  }

  pulse(): Pick<
    Pulse,
    "sent" | "acked" | "rejected" | "unacked" | "oldestUnackedMs" | "longestSilenceMs" | "streamsLost"
  > {
    const nowMs = performance.now();
    let unacked = 0;
    let oldestMs = nowMs;
    for (const { car } of this.#cars) {
      unacked += car.unacked.length;
      oldestMs = Math.min(oldestMs, car.unacked[0]?.sentAtMs ?? nowMs);
    }
    if (unacked > 0) this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - this.#lastAckAtMs);
    return {
      sent: this.#sent,
      acked: this.#acked,
      rejected: this.#rejected,
      unacked,
      oldestUnackedMs: nowMs - oldestMs,
      longestSilenceMs: this.#longestSilenceMs,
      streamsLost: this.#streamsLost,
    };
  }

  harvest(): Pick<Harvest, "acked" | "sessions"> {
    const acked = this.#cars.map(({ carId, acked }) => ({ carId, timesMs: Float64Array.from(acked.splice(0)) }));
    const sessions = [...this.#readings.values()];
    this.#readings.clear();
    return { acked, sessions };
  }

  #report(n: number): void {
    this.#sent++;
    const fleetCar = this.#cars[n];
    if (fleetCar === undefined || !fleetCar.car.hasRoom()) return;
    const nowMs = Date.now();
    const session = isPresent(n) ? undefined : this.#sessionOf(fleetCar, n, nowMs);
    const timestamp =
      session === undefined
        ? Math.max(nowMs, fleetCar.lastMs + 1)
        : Math.max(nowMs - session.behindMs, fleetCar.lastMs + 1);
    fleetCar.lastMs = timestamp;
    if (session !== undefined) session.kwh += KWH_A_REPORT;
    const { latitude, longitude } = this.#plan.centre;
    const status: SentReport["status"] = {
      car_id: fleetCar.carId,
      latitude: latitude + ((n % 40) - 20) * 0.001,
      longitude: longitude + ((n % 37) - 18) * 0.001,
      battery_level: 20 + (n % 60),
      velocity: session === undefined ? 30 : 0,
      timestamp,
      charging_station_id: session === undefined ? "" : `${this.#plan.name}-plug`,
      session_id: session?.id ?? "",
      energy_kwh: session?.kwh ?? 0,
      odometer_km: 1_000,
    };
    fleetCar.car.send({ status, sentAtMs: performance.now() });
  }

  #sessionOf(fleetCar: FleetCar, n: number, nowMs: number): Session {
    const { session } = fleetCar;
    const intervals = 1 + Math.floor((nowMs - this.#beganAtMs) / INTERVAL_EVERY_MS);
    const isOver = session === undefined || nowMs - session.beganAtMs >= SESSION_MS;
    if (!isOver) return session;
    // The first ones are of different lengths, so that later ones do not begin all together.
    const shorterMs = session === undefined ? (n % (SESSION_MS / INTERVAL_EVERY_MS)) * INTERVAL_EVERY_MS : 0;
    fleetCar.sessions++;
    fleetCar.lastMs = 0;
    fleetCar.session = {
      id: `${fleetCar.carId}-session-${fleetCar.sessions}`,
      beganAtMs: nowMs - shorterMs,
      behindMs: intervals * SETTLEMENT_INTERVAL_MS,
      kwh: 0,
    };
    return fleetCar.session;
  }

  #heard(fleetCar: FleetCar, { status }: SentReport): void {
    const nowMs = performance.now();
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - this.#lastAckAtMs);
    this.#lastAckAtMs = nowMs;
    this.#acked++;
    fleetCar.acked.push(status.timestamp);
    const { session_id: sessionId, energy_kwh: ackedKwh } = status;
    if (sessionId !== "") this.#readings.set(sessionId, { carId: fleetCar.carId, sessionId, ackedKwh });
  }
}
