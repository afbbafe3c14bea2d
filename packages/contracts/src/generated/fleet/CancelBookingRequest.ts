// Original file: proto/fleet.proto


export interface CancelBookingRequest {
  'booking_id'?: (string);
  'reason'?: (string);
}

export interface CancelBookingRequest__Output {
  'booking_id': (string);
  'reason': (string);
}
