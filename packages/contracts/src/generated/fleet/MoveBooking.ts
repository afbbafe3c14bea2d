// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface MoveBooking {
  'booking_id'?: (string);
  'earliest'?: (number | string | Long);
  'car_id'?: (string);
}

export interface MoveBooking__Output {
  'booking_id': (string);
  'earliest': (number);
  'car_id': (string);
}
