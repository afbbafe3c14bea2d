// Original file: proto/fleet.proto


export interface GetBookingRequest {
  'booking_id'?: (string);
}

export interface GetBookingRequest__Output {
  'booking_id': (string);
}
