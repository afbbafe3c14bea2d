/** What the bare gRPC server is told. */
export interface EchoOrder {
  kind: "listen";
}

export interface EchoAnswer {
  kind: "listen";
  port: number;
}
