// Original file: proto/fleet.proto

import type { ConnectorStatus as _fleet_ConnectorStatus, ConnectorStatus__Output as _fleet_ConnectorStatus__Output } from '../fleet/ConnectorStatus.ts';

export interface SetStationStatusRequest {
  'station_id'?: (string);
  'connector_id'?: (string);
  'status'?: (_fleet_ConnectorStatus);
}

export interface SetStationStatusRequest__Output {
  'station_id': (string);
  'connector_id': (string);
  'status': (_fleet_ConnectorStatus__Output);
}
