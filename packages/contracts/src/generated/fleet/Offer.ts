// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface Offer {
  'offer_id'?: (string);
  'station_id'?: (string);
  'connector_id'?: (string);
  'connector_type'?: (string);
  'power_kw'?: (number | string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'distance_km'?: (number | string);
  'arrival'?: (number | string | Long);
  'start'?: (number | string | Long);
  'end'?: (number | string | Long);
  'kwh'?: (number | string);
  'price_per_kwh'?: (number | string);
  'price_total'?: (number | string);
  'expires'?: (number | string | Long);
  'holds'?: (boolean);
  'expected_wait_minutes'?: (number | string);
  'grid_price_per_kwh'?: (number | string);
}

export interface Offer__Output {
  'offer_id': (string);
  'station_id': (string);
  'connector_id': (string);
  'connector_type': (string);
  'power_kw': (number);
  'latitude': (number);
  'longitude': (number);
  'distance_km': (number);
  'arrival': (number);
  'start': (number);
  'end': (number);
  'kwh': (number);
  'price_per_kwh': (number);
  'price_total': (number);
  'expires': (number);
  'holds': (boolean);
  'expected_wait_minutes': (number);
  'grid_price_per_kwh': (number);
}
