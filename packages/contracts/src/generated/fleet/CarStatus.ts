// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface CarStatus {
  'car_id'?: (string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'battery_level'?: (number | string);
  'velocity'?: (number | string);
  'timestamp'?: (number | string | Long);
  'charging_station_id'?: (string);
  'session_id'?: (string);
  'energy_kwh'?: (number | string);
  'odometer_km'?: (number | string);
}

export interface CarStatus__Output {
  'car_id': (string);
  'latitude': (number);
  'longitude': (number);
  'battery_level': (number);
  'velocity': (number);
  'timestamp': (number);
  'charging_station_id': (string);
  'session_id': (string);
  'energy_kwh': (number);
  'odometer_km': (number);
}
