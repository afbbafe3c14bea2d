import { API_TOKEN_METADATA, loadFleetPackage, type NegotiationServiceClient } from "@greenlane/contracts";
import {
  type CallOptions,
  credentials,
  Metadata,
  type requestCallback,
  type ServiceError,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import type { CliConfig } from "./config.ts";
import { Failure, Unreachable } from "./failures.ts";
import { ANSWER_MS } from "./servers.ts";

/** A list of all stations with all that is booked there is long. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Makes one call; it gets the client, the token, the deadline, and what is to be called with the answer. */
export type BookingCall<Told> = (
  client: NegotiationServiceClient,
  token: Metadata,
  options: CallOptions,
  done: requestCallback<Told>,
) => unknown;

/** Calls the booking process. @throws Unreachable, Failure with its words when it refuses */
export async function callBooking<Told>(
  { BOOKING_TARGET, API_TOKEN }: CliConfig,
  call: BookingCall<Told>,
  answerMs = ANSWER_MS,
): Promise<Told> {
  const { NegotiationService } = loadFleetPackage();
  const client = new NegotiationService(BOOKING_TARGET, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
  });
  try {
    return await new Promise<Told>((resolve, reject) => {
      call(client, tokenMetadata(API_TOKEN), { deadline: Date.now() + answerMs }, (error, told) => {
        if (error === null && told !== undefined) resolve(told);
        else reject(asFailure(error, `the booking process at ${BOOKING_TARGET}`));
      });
    });
  } finally {
    client.close();
  }
}

export function tokenMetadata(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  return metadata;
}

function asFailure(error: ServiceError | null, what: string): Error {
  if (error === null) return new Failure(`${what} gave no answer`);
  switch (error.code) {
    case status.UNAVAILABLE: {
      const connection = connectionError(error);
      if (connection !== undefined) return new Unreachable(what, new Error(connection));
      return new Unreachable(what, new Error(error.details), "cannot answer now");
    }
    case status.DEADLINE_EXCEEDED:
      return new Unreachable(what, new Error(error.details));
    case status.UNAUTHENTICATED:
      return new Failure(`${what} refuses the token: set API_TOKEN to one of its API_TOKENS`);
    default:
      return new Failure(error.details);
  }
}

/** What a connection failed of, which grpc-js wraps in words about its own attempts; undefined for another's words. */
function connectionError({ details }: Pick<StatusObject, "details">): string | undefined {
  const [, last] = /Last error: (?:Error: )?(.*?)\.? Resolution note:/.exec(details) ?? [];
  return (
    last ?? (/^(No connection established|Connection dropped|Name resolution)/.test(details) ? details : undefined)
  );
}

/** Why a call failed that has no words of its own, in one line. */
export function callError(end: Pick<StatusObject, "code" | "details">): string {
  return connectionError(end) ?? `${status[end.code]} ${end.details}`;
}
