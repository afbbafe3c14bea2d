// Original file: proto/fleet.proto

import type { RejectedReport as _fleet_RejectedReport, RejectedReport__Output as _fleet_RejectedReport__Output } from '../fleet/RejectedReport.ts';
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from '../fleet/BookingResponse.ts';
import type { Long } from '@grpc/proto-loader';

export interface TelemetryAnswer {
  'acked_sequence'?: (number | string | Long);
  'rejected'?: (_fleet_RejectedReport)[];
  'news'?: (_fleet_BookingResponse)[];
}

export interface TelemetryAnswer__Output {
  'acked_sequence': (number);
  'rejected': (_fleet_RejectedReport__Output)[];
  'news': (_fleet_BookingResponse__Output)[];
}
