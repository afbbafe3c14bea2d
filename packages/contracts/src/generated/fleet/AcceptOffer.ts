// Original file: proto/fleet.proto


export interface AcceptOffer {
  'request_id'?: (string);
  'offer_id'?: (string);
  'car_id'?: (string);
}

export interface AcceptOffer__Output {
  'request_id': (string);
  'offer_id': (string);
  'car_id': (string);
}
