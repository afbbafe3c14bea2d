import type { LatencyCounts } from "./latencies.ts";

/** Who speaks, and over what. */
export interface LoadPlan {
  /** host:port of each server; connections go to them in turn. */
  targets: string[];
  token: string;
  connections: number;
  /** Streams in all, over all connections in turn. */
  streams: number;
  /** What the ids of the cars begin with; behind it each has its number. */
  carPrefix: string;
  /** Left out: each stream is one car's. */
  gateway?: {
    /** Cars of each stream. */
    cars: number;
    /** Reports in a message. */
    batch: number;
  };
}

/** A share of a plan: what one process does of it. */
export interface LoadShare extends LoadPlan {
  /** Number of its first car. */
  firstCar: number;
}

export type Pace =
  /** Each stream keeps so many messages under way: the next one goes as one is answered. */
  | { kind: "closed"; inFlight: number }
  /**
   * So many reports a second, spread evenly, whatever the server does. A latency counts from the moment at which the
   * report was due, so that waiting is not left out.
   */
  | { kind: "open"; perSecond: number }
  /** Each stream says one message. */
  | { kind: "once" };

/** What a load process is told; it answers each with one `LoadAnswer` of that kind. */
export type LoadOrder =
  | { kind: "open"; share: LoadShare }
  | { kind: "start"; pace: Pace }
  /** Asks what was counted since the last mark, or the start. */
  | { kind: "mark" }
  /** Says nothing new; answers when all is answered, or after so long. */
  | { kind: "stop"; drainMs: number }
  /** Ends the streams and then the connections. */
  | { kind: "close" };

/** Counts of reports. */
export interface LoadCounts {
  sent: number;
  acked: number;
  /** Told that it breaks a rule. */
  rejected: number;
  /** Answers that name something else than what was due. */
  wrong: number;
  /** Sent, and not answered when the stream or the time ended. */
  failed: number;
  streamsLost: number;
}

/** What was counted in a span of time. */
export interface LoadSample {
  sent: number;
  acked: number;
  spanMs: number;
  /** Of the load process, user and system, ms. */
  cpuMs: number;
  /** Of the answers that came. */
  latencies: LatencyCounts;
}

export type LoadAnswer =
  | { kind: "open" }
  | { kind: "start" }
  | { kind: "mark"; sample: LoadSample }
  | { kind: "stop"; counts: LoadCounts }
  | { kind: "close" };
