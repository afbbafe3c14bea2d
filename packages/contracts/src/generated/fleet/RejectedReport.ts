// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface RejectedReport {
  'sequence'?: (number | string | Long);
  'car_id'?: (string);
  'field'?: (string);
  'reason'?: (string);
}

export interface RejectedReport__Output {
  'sequence': (number);
  'car_id': (string);
  'field': (string);
  'reason': (string);
}
