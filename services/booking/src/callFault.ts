import { status } from "@grpc/grpc-js";

/** A call that cannot be answered as asked: with a gRPC status, and in words for who asked. */
export class CallFault extends Error {
  override name = "CallFault";
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws CallFault when a value breaks a rule */
export function mustHold(fault: string | null): void {
  if (fault !== null) throw new CallFault(status.INVALID_ARGUMENT, fault);
}
