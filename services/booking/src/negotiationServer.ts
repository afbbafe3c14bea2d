import {
  type Booking__Output,
  type CancelBookingRequest__Output,
  encodeEngineMessage,
  type GetBookingRequest__Output,
  idFault,
  loadFleetPackage,
  type NegotiationServiceHandlers,
} from "@greenlane/contracts";
import { admission, createGrpcServer, drained, listen, UNAUTHENTICATED } from "@greenlane/grpc";
import { endedWithin, type Runtime } from "@greenlane/runtime";
import { type Booking, cancelBookings, type Database, findBooking, isTransient } from "@greenlane/timescale";
import { type handleUnaryCall, Metadata, type ServerErrorResponse, status } from "@grpc/grpc-js";
import type { BookingMetrics } from "./bookingMetrics.ts";
import { CallFault, mustHold } from "./callFault.ts";
import type { BookingConfig } from "./config.ts";
import { type Conversation, type ConversationParts, converse } from "./conversation.ts";
import type { EngineMessages } from "./engineMessages.ts";
import type { NamedStation } from "./namedStation.ts";
import { type SlotBook, SlotsUnavailable } from "./slotBook.ts";
import type { StationDesk } from "./stationDesk.ts";

const LOOK_MS = 500;
/** Of the 10 s that a clean stop may take, what is asked and accepted gets to be decided, and answers to leave. */
const SETTLE_TIMEOUT_MS = 2_000;
const DRAIN_TIMEOUT_MS = 1_000;

/** Why a booking is canceled, in the words of who cancels it. */
const REASON = /^\P{C}{0,256}$/u;
const REASON_FAULT = "reason must have at most 256 characters, all of them printable";

export interface NegotiationParts extends ConversationParts {
  database: Database;
  book: SlotBook;
  messages: EngineMessages;
  named: NamedStation;
  desk: StationDesk;
  metrics: BookingMetrics;
}

export interface NegotiationServer extends AsyncDisposable {
  port: number;
}

/** Serves NegotiationService. Disposing it takes no new call and answers those under way. Rejects when the port is taken. */
export async function startNegotiationServer(
  config: BookingConfig,
  parts: NegotiationParts,
  { logger }: Runtime,
): Promise<NegotiationServer> {
  const conversations = new Set<Conversation>();
  const isAllowed = admission(config.API_TOKENS);

  /** A unary method from work that throws CallFault for what is the caller's. */
  function unary<Asked, Told>(work: (asked: Asked) => Promise<Told>): handleUnaryCall<Asked, Told> {
    return (call, answer) => {
      if (!isAllowed(call.metadata)) return answer(UNAUTHENTICATED);
      work(call.request).then(
        (told) => answer(null, told),
        (error: unknown) => {
          const fault = asStatus(error);
          if (fault.code === status.INTERNAL || fault.code === status.UNAVAILABLE)
            logger.warn({ err: error }, "a call could not be answered");
          answer(fault);
        },
      );
    };
  }

  async function cancel({ booking_id, reason }: CancelBookingRequest__Output): Promise<Booking__Output> {
    mustHold(idFault("booking_id", booking_id) ?? (REASON.test(reason) ? null : REASON_FAULT));
    const [canceled] = await cancelBookings(
      parts.database,
      [{ bookingId: booking_id }],
      reason || "canceled on request",
    );
    if (canceled !== undefined) {
      parts.metrics.changes.inc({ change: "canceled" });
      await parts.book.release([canceled]);
      return parts.messages.booking(canceled);
    }
    const { state } = await find(booking_id);
    throw new CallFault(status.FAILED_PRECONDITION, `booking ${booking_id} is ${state} and cannot be canceled`);
  }

  async function get({ booking_id }: GetBookingRequest__Output): Promise<Booking__Output> {
    mustHold(idFault("booking_id", booking_id));
    return parts.messages.booking(await find(booking_id));
  }

  async function find(bookingId: string): Promise<Booking> {
    const booking = await findBooking(parts.database, bookingId);
    if (booking === undefined) throw new CallFault(status.NOT_FOUND, `there is no booking ${bookingId}`);
    return booking;
  }

  const handlers: NegotiationServiceHandlers = {
    Negotiate: (call) => {
      if (!isAllowed(call.metadata)) {
        call.emit("error", UNAUTHENTICATED);
        return;
      }
      const conversation = converse(call, parts, Math.ceil(config.UNREAD_MS / LOOK_MS), () =>
        conversations.delete(conversation),
      );
      conversations.add(conversation);
    },
    RequestBooking: unary((request) => parts.named.book(request)),
    CancelBooking: unary(cancel),
    GetBooking: unary(get),
    ListStations: unary((request) => parts.desk.list(request)),
    SetStationStatus: unary((request) => parts.desk.setStatus(request)),
  };

  const server = createGrpcServer(config);
  const { service } = loadFleetPackage().NegotiationService;
  const negotiate = { ...service.Negotiate, responseSerialize: encodeEngineMessage };
  server.addService({ ...service, Negotiate: negotiate }, { ...handlers });
  const port = await listen(server, config.LISTEN_HOST, config.GRPC_PORT);
  const looking = setInterval(() => {
    for (const conversation of conversations) conversation.look();
  }, LOOK_MS);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      const closed = drained(server);
      await endedWithin(SETTLE_TIMEOUT_MS, parts.engine.settled());
      for (const conversation of conversations) conversation.shutDown();
      await endedWithin(DRAIN_TIMEOUT_MS, closed);
      server.forceShutdown();
      clearInterval(looking);
    },
  };
}

function asStatus(error: unknown): Error & Pick<ServerErrorResponse, "code" | "details" | "metadata"> {
  const { code, message, retryAfterMs } = asFault(error);
  const metadata = new Metadata();
  if (retryAfterMs !== undefined) metadata.set("retry-after-ms", `${retryAfterMs}`);
  return Object.assign(new Error(message), { code, details: message, metadata });
}

function asFault(error: unknown): CallFault {
  if (error instanceof CallFault) return error;
  if (error instanceof SlotsUnavailable || isTransient(error))
    return new CallFault(status.UNAVAILABLE, "the engine is being put in order; try again in a few seconds");
  return new CallFault(status.INTERNAL, "a defect of the engine; its log tells more");
}
