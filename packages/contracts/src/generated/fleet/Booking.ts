// Original file: proto/fleet.proto

import type { BookingState as _fleet_BookingState, BookingState__Output as _fleet_BookingState__Output } from '../fleet/BookingState.ts';
import type { BookingStatus as _fleet_BookingStatus, BookingStatus__Output as _fleet_BookingStatus__Output } from '../fleet/BookingStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface Booking {
  'booking_id'?: (string);
  'request_id'?: (string);
  'car_id'?: (string);
  'station_id'?: (string);
  'connector_id'?: (string);
  'state'?: (_fleet_BookingState);
  'status'?: (_fleet_BookingStatus);
  'start'?: (number | string | Long);
  'end'?: (number | string | Long);
  'kwh'?: (number | string);
  'price_per_kwh'?: (number | string);
  'arrive_by'?: (number | string | Long);
  'updated'?: (number | string | Long);
  'version'?: (number);
  'message'?: (string);
  'latitude'?: (number | string);
  'longitude'?: (number | string);
}

export interface Booking__Output {
  'booking_id': (string);
  'request_id': (string);
  'car_id': (string);
  'station_id': (string);
  'connector_id': (string);
  'state': (_fleet_BookingState__Output);
  'status': (_fleet_BookingStatus__Output);
  'start': (number);
  'end': (number);
  'kwh': (number);
  'price_per_kwh': (number);
  'arrive_by': (number);
  'updated': (number);
  'version': (number);
  'message': (string);
  'latitude': (number);
  'longitude': (number);
}
