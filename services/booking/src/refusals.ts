import {
  type EngineMessage__Output,
  faultyField,
  type Refusal__Output,
  RefusalReason,
  type RefusalReason__Output,
} from "@greenlane/contracts";
import type { Booking } from "@greenlane/timescale";

/** Whom a refusal concerns. */
export interface Concerned {
  requestId: string;
  carId: string;
}

/**
 * When those may come again who were refused for now: spread over so long, so that they don't come as one. Where there
 * are too many it is longer; where something is away it is not, so that they are soon served when it is back.
 */
const RETRY_AFTER_MS = {
  [RefusalReason.OVERLOADED]: { min: 1_000, max: 5_000 },
  [RefusalReason.UNAVAILABLE]: { min: 1_000, max: 3_000 },
};

export type ReasonForNow = keyof typeof RETRY_AFTER_MS;

/** What a refusal says besides. */
export type RefusalDetails = Partial<Pick<Refusal__Output, "field" | "retry_after_ms" | "booking_id">>;

export function refusal(
  { requestId, carId }: Concerned,
  reason: RefusalReason__Output,
  message: string,
  more: RefusalDetails = {},
): EngineMessage__Output {
  const nothingMore = { field: "", retry_after_ms: 0, booking_id: "" };
  return {
    kind: "refusal",
    refusal: { request_id: requestId, car_id: carId, reason, message, ...nothingMore, ...more },
  };
}

/** @param fault begins with the field's name */
export const invalid = (of: Concerned, fault: string): EngineMessage__Output =>
  refusal(of, RefusalReason.INVALID, fault, { field: faultyField(fault) });

export const gone = (of: Concerned, message = "there is no such offer, or no longer"): EngineMessage__Output =>
  refusal(of, RefusalReason.GONE, message);

export const noOption = (of: Concerned, message: string): EngineMessage__Output =>
  refusal(of, RefusalReason.NO_OPTION, message);

export const busy = (of: Concerned, { bookingId }: Booking): EngineMessage__Output =>
  refusal(of, RefusalReason.CONFLICT, `the car has booking ${bookingId}; cancel or move it`, { booking_id: bookingId });

export const otherContent = (of: Concerned): EngineMessage__Output =>
  refusal(of, RefusalReason.CONFLICT, "request_id stands for other content; a new wish needs a new one");

export function overloaded(of: Concerned): EngineMessage__Output {
  const message = "too many negotiations are under way";
  return refusal(of, RefusalReason.OVERLOADED, message, { retry_after_ms: spreadRetryMs(RefusalReason.OVERLOADED) });
}

export function unavailable(of: Concerned): EngineMessage__Output {
  const retryMs = spreadRetryMs(RefusalReason.UNAVAILABLE);
  const message = `the engine is being put in order; try again in ${Math.ceil(retryMs / 1_000)} s`;
  return refusal(of, RefusalReason.UNAVAILABLE, message, { retry_after_ms: retryMs });
}

/** Those who are refused together do not come back together. */
export function spreadRetryMs(reason: ReasonForNow): number {
  const { min, max } = RETRY_AFTER_MS[reason];
  return Math.round(min + Math.random() * (max - min));
}
