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
  /** pg: an unnest insert of so many rows, one after the other, over two connections. */
  | { kind: "insert"; url: string; perBatch: number; seconds: number };

/** What came of it. */
export interface LibraryAnswer {
  kind: LibraryOrder["kind"];
  /** Reports, positions or rows. */
  done: number;
  spanMs: number;
  /** Of the process, user and system, ms. */
  cpuMs: number;
}
