// Original file: proto/fleet.proto

import type { Offer as _fleet_Offer, Offer__Output as _fleet_Offer__Output } from '../fleet/Offer.ts';

export interface Offers {
  'request_id'?: (string);
  'car_id'?: (string);
  'offers'?: (_fleet_Offer)[];
  'rounds_left'?: (number);
  'invitation'?: (boolean);
  'message'?: (string);
}

export interface Offers__Output {
  'request_id': (string);
  'car_id': (string);
  'offers': (_fleet_Offer__Output)[];
  'rounds_left': (number);
  'invitation': (boolean);
  'message': (string);
}
