// Original file: proto/fleet.proto


export interface DeclineOffers {
  'request_id'?: (string);
  'car_id'?: (string);
}

export interface DeclineOffers__Output {
  'request_id': (string);
  'car_id': (string);
}
