import type { ToldBooking } from "../../herd/generatorMessages.ts";

/** What the load is: cars that report, and cars that book. */
export interface LoadPlan {
  /** Begins the ids of all its cars, so that no other load's are like them. */
  name: string;
  ingestion: string;
  booking: string;
  token: string;
  cars: number;
  eventsPerSecond: number;
  bookingsPerSecond: number;
  /** Around it the cars are. */
  centre: { latitude: number; longitude: number };
}

/** What the load process is told. */
export type Order =
  | { kind: "start"; plan: LoadPlan }
  /** The longest silence is measured anew. */
  | { kind: "begin" }
  /** Nothing new is said; what is open is brought to its end. */
  | { kind: "hold" }
  | { kind: "go" }
  | { kind: "harvest" };

/** How it goes; ten times a second. */
export interface Pulse {
  /** Unix ms. */
  atMs: number;
  sent: number;
  acked: number;
  rejected: number;
  /** Reports that have no ack, and how old the oldest of them is, ms. */
  unacked: number;
  oldestUnackedMs: number;
  /** The longest time without any ack since `begin`, ms. */
  longestSilenceMs: number;
  streamsLost: number;
  /** Requests and cancellations that have no end, and how old the oldest of them is, ms. */
  openRequests: number;
  oldestRequestMs: number;
  confirmed: number;
  /** Requests that ended without a booking. */
  refused: number;
}

/** What clients were told since the harvest before. */
export interface Harvest {
  /** Unix ms of the acknowledged reports, by car. */
  acked: { carId: string; timesMs: Float64Array }[];
  /** The sessions that were reported of, with the meter reading that was acknowledged last. */
  sessions: { carId: string; sessionId: string; ackedKwh: number }[];
  bookings: ToldOutcome[];
  /** What the last refusals said, with their number. */
  refusals: Record<string, number>;
}

/** A booking as its car knows it. */
export interface ToldOutcome extends ToldBooking {
  carId: string;
  /** Unix ms: when it was told, and when it began to give it up; undefined where it keeps it. */
  confirmedAtMs: number;
  canceledAtMs: number | undefined;
}

/** What the load process tells. */
export type Report = { kind: "pulse"; pulse: Pulse } | { kind: "harvest"; harvest: Harvest };
