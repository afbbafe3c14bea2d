// Original file: proto/fleet.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from '../fleet/BookingResponse.ts';
import type { CarStatus as _fleet_CarStatus, CarStatus__Output as _fleet_CarStatus__Output } from '../fleet/CarStatus.ts';
import type { TelemetryAnswer as _fleet_TelemetryAnswer, TelemetryAnswer__Output as _fleet_TelemetryAnswer__Output } from '../fleet/TelemetryAnswer.ts';
import type { TelemetryBatch as _fleet_TelemetryBatch, TelemetryBatch__Output as _fleet_TelemetryBatch__Output } from '../fleet/TelemetryBatch.ts';

export interface FleetServiceClient extends grpc.Client {
  StreamFleet(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_TelemetryBatch, _fleet_TelemetryAnswer__Output>;
  StreamFleet(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_TelemetryBatch, _fleet_TelemetryAnswer__Output>;
  streamFleet(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_TelemetryBatch, _fleet_TelemetryAnswer__Output>;
  streamFleet(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_TelemetryBatch, _fleet_TelemetryAnswer__Output>;
  
  StreamTelemetry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  StreamTelemetry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  streamTelemetry(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  streamTelemetry(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarStatus, _fleet_BookingResponse__Output>;
  
}

export interface FleetServiceHandlers extends grpc.UntypedServiceImplementation {
  StreamFleet: grpc.handleBidiStreamingCall<_fleet_TelemetryBatch__Output, _fleet_TelemetryAnswer>;
  
  StreamTelemetry: grpc.handleBidiStreamingCall<_fleet_CarStatus__Output, _fleet_BookingResponse>;
  
}

export interface FleetServiceDefinition extends grpc.ServiceDefinition {
  StreamFleet: MethodDefinition<_fleet_TelemetryBatch, _fleet_TelemetryAnswer, _fleet_TelemetryBatch__Output, _fleet_TelemetryAnswer__Output>
  StreamTelemetry: MethodDefinition<_fleet_CarStatus, _fleet_BookingResponse, _fleet_CarStatus__Output, _fleet_BookingResponse__Output>
}
