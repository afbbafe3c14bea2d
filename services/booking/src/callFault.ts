import { status } from "@grpc/grpc-js";

/** A call that cannot be answered as asked: with a gRPC status, and in words for who asked. */
export class CallFault extends Error {
  override name = "CallFault";
  readonly code: status;
  /** When it makes sense to call again, ms; undefined: it does not. Told in the metadata `retry-after-ms`. */
  readonly retryAfterMs: number | undefined;

  constructor(code: status, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** @throws CallFault when a value breaks a rule */
export function mustHold(fault: string | null): void {
  if (fault !== null) throw new CallFault(status.INVALID_ARGUMENT, fault);
}
