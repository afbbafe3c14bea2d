// Original file: proto/fleet.proto

import type { Long } from '@grpc/proto-loader';

export interface TakenSlot {
  'start'?: (number | string | Long);
  'end'?: (number | string | Long);
  'booking_id'?: (string);
  'held'?: (boolean);
}

export interface TakenSlot__Output {
  'start': (number);
  'end': (number);
  'booking_id': (string);
  'held': (boolean);
}
