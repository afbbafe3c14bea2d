// Original file: proto/fleet.proto


export interface Waitlisted {
  'request_id'?: (string);
  'car_id'?: (string);
  'position'?: (number);
  'message'?: (string);
}

export interface Waitlisted__Output {
  'request_id': (string);
  'car_id': (string);
  'position': (number);
  'message': (string);
}
