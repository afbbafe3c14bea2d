// Original file: proto/fleet.proto

import type { Station as _fleet_Station, Station__Output as _fleet_Station__Output } from '../fleet/Station.ts';

export interface ListStationsResponse {
  'stations'?: (_fleet_Station)[];
}

export interface ListStationsResponse__Output {
  'stations': (_fleet_Station__Output)[];
}
