// Original file: proto/fleet.proto

import type { Offers as _fleet_Offers, Offers__Output as _fleet_Offers__Output } from '../fleet/Offers.ts';
import type { Booking as _fleet_Booking, Booking__Output as _fleet_Booking__Output } from '../fleet/Booking.ts';
import type { Waitlisted as _fleet_Waitlisted, Waitlisted__Output as _fleet_Waitlisted__Output } from '../fleet/Waitlisted.ts';
import type { Refusal as _fleet_Refusal, Refusal__Output as _fleet_Refusal__Output } from '../fleet/Refusal.ts';

export interface EngineMessage {
  'offers'?: (_fleet_Offers | null);
  'booking'?: (_fleet_Booking | null);
  'waitlisted'?: (_fleet_Waitlisted | null);
  'refusal'?: (_fleet_Refusal | null);
  'kind'?: "offers"|"booking"|"waitlisted"|"refusal";
}

export interface EngineMessage__Output {
  'offers'?: (_fleet_Offers__Output | null);
  'booking'?: (_fleet_Booking__Output | null);
  'waitlisted'?: (_fleet_Waitlisted__Output | null);
  'refusal'?: (_fleet_Refusal__Output | null);
  'kind'?: "offers"|"booking"|"waitlisted"|"refusal";
}
