// Original file: proto/fleet.proto

import type { ConnectorStatus as _fleet_ConnectorStatus, ConnectorStatus__Output as _fleet_ConnectorStatus__Output } from '../fleet/ConnectorStatus.ts';
import type { TakenSlot as _fleet_TakenSlot, TakenSlot__Output as _fleet_TakenSlot__Output } from '../fleet/TakenSlot.ts';

export interface Connector {
  'connector_id'?: (string);
  'power_kw'?: (number | string);
  'connector_type'?: (string);
  'status'?: (_fleet_ConnectorStatus);
  'taken'?: (_fleet_TakenSlot)[];
}

export interface Connector__Output {
  'connector_id': (string);
  'power_kw': (number);
  'connector_type': (string);
  'status': (_fleet_ConnectorStatus__Output);
  'taken': (_fleet_TakenSlot__Output)[];
}
