// Original file: proto/fleet.proto

import type { ChargeRequest as _fleet_ChargeRequest, ChargeRequest__Output as _fleet_ChargeRequest__Output } from '../fleet/ChargeRequest.ts';
import type { AcceptOffer as _fleet_AcceptOffer, AcceptOffer__Output as _fleet_AcceptOffer__Output } from '../fleet/AcceptOffer.ts';
import type { DeclineOffers as _fleet_DeclineOffers, DeclineOffers__Output as _fleet_DeclineOffers__Output } from '../fleet/DeclineOffers.ts';
import type { CounterOffer as _fleet_CounterOffer, CounterOffer__Output as _fleet_CounterOffer__Output } from '../fleet/CounterOffer.ts';
import type { MoveBooking as _fleet_MoveBooking, MoveBooking__Output as _fleet_MoveBooking__Output } from '../fleet/MoveBooking.ts';
import type { CarPresence as _fleet_CarPresence, CarPresence__Output as _fleet_CarPresence__Output } from '../fleet/CarPresence.ts';

export interface CarMessage {
  'request'?: (_fleet_ChargeRequest | null);
  'accept'?: (_fleet_AcceptOffer | null);
  'decline'?: (_fleet_DeclineOffers | null);
  'counter'?: (_fleet_CounterOffer | null);
  'move'?: (_fleet_MoveBooking | null);
  'presence'?: (_fleet_CarPresence | null);
  'kind'?: "request"|"accept"|"decline"|"counter"|"move"|"presence";
}

export interface CarMessage__Output {
  'request'?: (_fleet_ChargeRequest__Output | null);
  'accept'?: (_fleet_AcceptOffer__Output | null);
  'decline'?: (_fleet_DeclineOffers__Output | null);
  'counter'?: (_fleet_CounterOffer__Output | null);
  'move'?: (_fleet_MoveBooking__Output | null);
  'presence'?: (_fleet_CarPresence__Output | null);
  'kind'?: "request"|"accept"|"decline"|"counter"|"move"|"presence";
}
