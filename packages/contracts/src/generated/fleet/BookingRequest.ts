// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface BookingRequest {
  'car_id'?: (string);
  'station_id'?: (string);
  'expected_arrival'?: (number | string | Long);
  'battery_level'?: (number | string);
  'request_id'?: (string);
  'target_level'?: (number | string);
  'capacity_kwh'?: (number | string);
  'max_power_kw'?: (number | string);
}

export interface BookingRequest__Output {
  'car_id': (string);
  'station_id': (string);
  'expected_arrival': (number);
  'battery_level': (number);
  'request_id': (string);
  'target_level': (number);
  'capacity_kwh': (number);
  'max_power_kw': (number);
}
