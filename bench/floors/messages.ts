import type { LatencyCounts } from "../load/latencies.ts";

/** What the bare gRPC server is told. */
export interface EchoOrder {
  kind: "listen";
}

export interface EchoAnswer {
  kind: "listen";
  port: number;
}

/** What the process is told that uses the client libraries and nothing else. */
export type LibraryOrder =
  /** kafkajs: batches of so many reports' JSON, acks=all, one after the other. */
  | { kind: "produce"; brokers: string; perBatch: number; seconds: number }
  /** ioredis: the positions of so many cars, a pipeline a sweep. */
  | { kind: "pipeline"; url: string; cars: number; seconds: number }
  /** pg: an unnest insert of so many rows, one after the other, over so many connections. */
  | { kind: "insert"; url: string; perBatch: number; connections: number; seconds: number }
  /** No floor: puts a backlog into the log, as ingestion would have. Of a hundred records one is there twice. */
  | { kind: "backlog"; brokers: string; topic: string; carPrefix: string; cars: number; records: number };

/** What came of it. */
export interface LibraryAnswer {
  kind: LibraryOrder["kind"];
  /** Reports, positions or rows; of a backlog its distinct events. */
  done: number;
  /** The same, with what was done to warm up. */
  doneInAll: number;
  spanMs: number;
  /** Of the process, user and system, ms. */
  cpuMs: number;
  /** Of a request, µs. */
  latencies: LatencyCounts;
}
