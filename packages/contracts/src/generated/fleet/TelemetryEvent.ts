// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface TelemetryEvent {
  'car_id'?: (string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'battery_level'?: (number | string);
  'velocity'?: (number | string);
  'timestamp'?: (number | string | Long);
  'event_type'?: (string);
}

export interface TelemetryEvent__Output {
  'car_id': (string);
  'latitude': (number);
  'longitude': (number);
  'battery_level': (number);
  'velocity': (number);
  'timestamp': (number);
  'event_type': (string);
}
