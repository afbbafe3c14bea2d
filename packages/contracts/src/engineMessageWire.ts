import type { Booking__Output } from "./generated/fleet/Booking.ts";
import type { EngineMessage__Output } from "./generated/fleet/EngineMessage.ts";
import type { Offer__Output } from "./generated/fleet/Offer.ts";
import type { Offers__Output } from "./generated/fleet/Offers.ts";
import type { Refusal__Output } from "./generated/fleet/Refusal.ts";
import type { Waitlisted__Output } from "./generated/fleet/Waitlisted.ts";
import { WireWriter } from "./wireWriter.ts";

/**
 * What the engine says to a herd, written by hand: proto-loader makes each message twice before it writes it. Tests hold
 * this against proto-loader.
 */

const writer = new WireWriter();

/** The bytes of an EngineMessage. @throws RangeError when what is to be a whole number is not from 0 to 2^53 - 1 */
export function encodeEngineMessage({ offers, booking, waitlisted, refusal }: EngineMessage__Output): Buffer {
  try {
    if (offers) within(1, () => writeOffers(offers));
    else if (booking) within(2, () => writeBooking(booking));
    else if (waitlisted) within(3, () => writeWaitlisted(waitlisted));
    else if (refusal) within(4, () => writeRefusal(refusal));
  } catch (error) {
    writer.take();
    throw error;
  }
  return writer.take();
}

function within(field: number, write: () => void): void {
  const from = writer.enter(field);
  write();
  writer.leave(from);
}

function writeOffers({ request_id, car_id, offers, rounds_left, invitation, message }: Offers__Output): void {
  writer.text(1, request_id);
  writer.text(2, car_id);
  for (const offer of offers) within(3, () => writeOffer(offer));
  writer.whole(4, rounds_left);
  writer.flag(5, invitation);
  writer.text(6, message);
}

function writeOffer(offer: Offer__Output): void {
  writer.text(1, offer.offer_id);
  writer.text(2, offer.station_id);
  writer.text(3, offer.connector_id);
  writer.text(4, offer.connector_type);
  writer.double(5, offer.power_kw);
  writer.double(6, offer.latitude);
  writer.double(7, offer.longitude);
  writer.double(8, offer.distance_km);
  writer.whole(9, offer.arrival);
  writer.whole(10, offer.start);
  writer.whole(11, offer.end);
  writer.double(12, offer.kwh);
  writer.double(13, offer.price_per_kwh);
  writer.double(14, offer.price_total);
  writer.whole(15, offer.expires);
  writer.flag(16, offer.holds);
  writer.double(17, offer.expected_wait_minutes);
  writer.double(18, offer.grid_price_per_kwh);
}

function writeBooking(booking: Booking__Output): void {
  writer.text(1, booking.booking_id);
  writer.text(2, booking.request_id);
  writer.text(3, booking.car_id);
  writer.text(4, booking.station_id);
  writer.text(5, booking.connector_id);
  writer.whole(6, booking.state);
  writer.whole(7, booking.status);
  writer.whole(8, booking.start);
  writer.whole(9, booking.end);
  writer.double(10, booking.kwh);
  writer.double(11, booking.price_per_kwh);
  writer.whole(12, booking.arrive_by);
  writer.whole(13, booking.updated);
  writer.whole(14, booking.version);
  writer.text(15, booking.message);
  writer.double(16, booking.latitude);
  writer.double(17, booking.longitude);
}

function writeWaitlisted({ request_id, car_id, position, message }: Waitlisted__Output): void {
  writer.text(1, request_id);
  writer.text(2, car_id);
  writer.whole(3, position);
  writer.text(4, message);
}

function writeRefusal(refusal: Refusal__Output): void {
  writer.text(1, refusal.request_id);
  writer.text(2, refusal.car_id);
  writer.whole(3, refusal.reason);
  writer.text(4, refusal.message);
  writer.text(5, refusal.field);
  writer.whole(6, refusal.retry_after_ms);
  writer.text(7, refusal.booking_id);
}
