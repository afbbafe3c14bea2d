// Original file: proto/fleet.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from '../fleet/BookingResponse.ts';
import type { CarStatus as _fleet_CarStatus, CarStatus__Output as _fleet_CarStatus__Output } from '../fleet/CarStatus.ts';

export interface FleetServiceClient extends grpc.Client {
  StreamTelemetry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  StreamTelemetry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  streamTelemetry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  streamTelemetry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  
}

export interface FleetServiceHandlers extends grpc.UntypedServiceImplementation {
  StreamTelemetry: grpc.handleBidiStreamingCall<_fleet_CarStatus__Output, _fleet_BookingResponse>;
  
}

export interface FleetServiceDefinition extends grpc.ServiceDefinition {
  StreamTelemetry: MethodDefinition<_fleet_CarStatus, _fleet_BookingResponse, _fleet_CarStatus__Output, _fleet_BookingResponse__Output>
}
