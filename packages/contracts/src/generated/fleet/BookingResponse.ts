// Original file: proto/fleet.proto

import type { BookingStatus as _fleet_BookingStatus, BookingStatus__Output as _fleet_BookingStatus__Output } from '../fleet/BookingStatus.ts';
import type { BookingState as _fleet_BookingState, BookingState__Output as _fleet_BookingState__Output } from '../fleet/BookingState.ts';
import type { Long } from '@grpc/proto-loader';

export interface BookingResponse {
  'booking_id'?: (string);
  'car_id'?: (string);
  'station_id'?: (string);
  'status'?: (_fleet_BookingStatus);
  'message'?: (string);
  'timestamp'?: (number | string | Long);
  'price_rate'?: (number | string);
  'connector_id'?: (string);
  'start'?: (number | string | Long);
  'end'?: (number | string | Long);
  'kwh'?: (number | string);
  'state'?: (_fleet_BookingState);
}

export interface BookingResponse__Output {
  'booking_id': (string);
  'car_id': (string);
  'station_id': (string);
  'status': (_fleet_BookingStatus__Output);
  'message': (string);
  'timestamp': (number);
  'price_rate': (number);
  'connector_id': (string);
  'start': (number);
  'end': (number);
  'kwh': (number);
  'state': (_fleet_BookingState__Output);
}
