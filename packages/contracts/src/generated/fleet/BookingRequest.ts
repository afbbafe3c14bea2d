// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface BookingRequest {
  'car_id'?: (string);
  'station_id'?: (string);
  'expected_arrival'?: (number | string | Long);
  'battery_level'?: (number | string);
}

export interface BookingRequest__Output {
  'car_id': (string);
  'station_id': (string);
  'expected_arrival': (number);
  'battery_level': (number);
}
