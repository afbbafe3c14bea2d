import {
  type Booking__Output,
  type EngineMessage__Output,
  loadFleetPackage,
  type Offer__Output,
  type Offers__Output,
  type Refusal__Output,
  WireBookingState,
} from "@greenlane/contracts";

const { NegotiationService } = loadFleetPackage();
const { requestSerialize, requestDeserialize, responseDeserialize, responseSerialize } =
  NegotiationService.service.Negotiate;

/** A message as it arrives: every field there, at its default where it was not set. */
function arrived(message: Parameters<typeof responseSerialize>[0]): EngineMessage__Output {
  return responseDeserialize(responseSerialize(message)) as EngineMessage__Output;
}

/** What a car says, as the engine gets it. */
export const heardByEngine = (message: Parameters<typeof requestSerialize>[0]) =>
  requestDeserialize(requestSerialize(message));

export function offers(requestId: string, given: Partial<Offer__Output>[], more: Partial<Offers__Output> = {}) {
  return arrived({ offers: { request_id: requestId, car_id: "CAR-1", rounds_left: 3, offers: given, ...more } });
}

export function booking(given: Partial<Booking__Output>) {
  const state = WireBookingState.RESERVED;
  return arrived({ booking: { booking_id: "B-1", car_id: "CAR-1", station_id: "S", state, version: 1, ...given } });
}

export function refusal(requestId: string, given: Partial<Refusal__Output>) {
  return arrived({ refusal: { request_id: requestId, car_id: "CAR-1", ...given } });
}

export const waitlisted = (requestId: string) =>
  arrived({ waitlisted: { request_id: requestId, car_id: "CAR-1", position: 1 } });
