// Original file: proto/fleet.proto

import type { CarStatus as _fleet_CarStatus, CarStatus__Output as _fleet_CarStatus__Output } from '../fleet/CarStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface TelemetryBatch {
  'first_sequence'?: (number | string | Long);
  'reports'?: (_fleet_CarStatus)[];
}

export interface TelemetryBatch__Output {
  'first_sequence': (number);
  'reports': (_fleet_CarStatus__Output)[];
}
