// Original file: proto/fleet.proto

import type { RefusalReason as _fleet_RefusalReason, RefusalReason__Output as _fleet_RefusalReason__Output } from '../fleet/RefusalReason.ts';
import type { Long } from '@grpc/proto-loader';

export interface Refusal {
  'request_id'?: (string);
  'car_id'?: (string);
  'reason'?: (_fleet_RefusalReason);
  'message'?: (string);
  'field'?: (string);
  'retry_after_ms'?: (number | string | Long);
  'booking_id'?: (string);
}

export interface Refusal__Output {
  'request_id': (string);
  'car_id': (string);
  'reason': (_fleet_RefusalReason__Output);
  'message': (string);
  'field': (string);
  'retry_after_ms': (number);
  'booking_id': (string);
}
