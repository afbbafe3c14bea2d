// Original file: proto/fleet.proto

import type { CounterWish as _fleet_CounterWish, CounterWish__Output as _fleet_CounterWish__Output } from '../fleet/CounterWish.ts';

export interface CounterOffer {
  'request_id'?: (string);
  'wish'?: (_fleet_CounterWish);
  'car_id'?: (string);
}

export interface CounterOffer__Output {
  'request_id': (string);
  'wish': (_fleet_CounterWish__Output);
  'car_id': (string);
}
