// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface ChargeRequest {
  'request_id'?: (string);
  'car_id'?: (string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'battery_level'?: (number | string);
  'capacity_kwh'?: (number | string);
  'consumption_kwh_per_km'?: (number | string);
  'target_level'?: (number | string);
  'least_level'?: (number | string);
  'connector_types'?: (string)[];
  'max_power_kw'?: (number | string);
  'earliest'?: (number | string | Long);
  'latest'?: (number | string | Long);
  'max_wait_minutes'?: (number | string);
  'value_per_hour'?: (number | string);
  'max_price_per_kwh'?: (number | string);
  'station_ids'?: (string)[];
}

export interface ChargeRequest__Output {
  'request_id': (string);
  'car_id': (string);
  'latitude': (number);
  'longitude': (number);
  'battery_level': (number);
  'capacity_kwh': (number);
  'consumption_kwh_per_km': (number);
  'target_level': (number);
  'least_level': (number);
  'connector_types': (string)[];
  'max_power_kw': (number);
  'earliest': (number);
  'latest': (number);
  'max_wait_minutes': (number);
  'value_per_hour': (number);
  'max_price_per_kwh': (number);
  'station_ids': (string)[];
}
