// Original file: proto/fleet.proto

import type { Connector as _fleet_Connector, Connector__Output as _fleet_Connector__Output } from '../fleet/Connector.ts';
import type { Long } from '@grpc/proto-loader';

export interface Station {
  'station_id'?: (string);
  'name'?: (string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'connectors'?: (_fleet_Connector)[];
  'price_per_kwh'?: (number | string);
  'next_free'?: (number | string | Long);
}

export interface Station__Output {
  'station_id': (string);
  'name': (string);
  'latitude': (number);
  'longitude': (number);
  'connectors': (_fleet_Connector__Output)[];
  'price_per_kwh': (number);
  'next_free': (number);
}
