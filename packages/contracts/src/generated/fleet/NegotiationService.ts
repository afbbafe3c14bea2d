// Original file: proto/fleet.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Booking as _fleet_Booking, Booking__Output as _fleet_Booking__Output } from '../fleet/Booking.ts';
import type { BookingRequest as _fleet_BookingRequest, BookingRequest__Output as _fleet_BookingRequest__Output } from '../fleet/BookingRequest.ts';
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from '../fleet/BookingResponse.ts';
import type { CancelBookingRequest as _fleet_CancelBookingRequest, CancelBookingRequest__Output as _fleet_CancelBookingRequest__Output } from '../fleet/CancelBookingRequest.ts';
import type { CarMessage as _fleet_CarMessage, CarMessage__Output as _fleet_CarMessage__Output } from '../fleet/CarMessage.ts';
import type { EngineMessage as _fleet_EngineMessage, EngineMessage__Output as _fleet_EngineMessage__Output } from '../fleet/EngineMessage.ts';
import type { GetBookingRequest as _fleet_GetBookingRequest, GetBookingRequest__Output as _fleet_GetBookingRequest__Output } from '../fleet/GetBookingRequest.ts';
import type { ListStationsRequest as _fleet_ListStationsRequest, ListStationsRequest__Output as _fleet_ListStationsRequest__Output } from '../fleet/ListStationsRequest.ts';
import type { ListStationsResponse as _fleet_ListStationsResponse, ListStationsResponse__Output as _fleet_ListStationsResponse__Output } from '../fleet/ListStationsResponse.ts';
import type { SetStationStatusRequest as _fleet_SetStationStatusRequest, SetStationStatusRequest__Output as _fleet_SetStationStatusRequest__Output } from '../fleet/SetStationStatusRequest.ts';
import type { Station as _fleet_Station, Station__Output as _fleet_Station__Output } from '../fleet/Station.ts';

export interface NegotiationServiceClient extends grpc.Client {
  CancelBooking(argument: _fleet_CancelBookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  CancelBooking(argument: _fleet_CancelBookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  CancelBooking(argument: _fleet_CancelBookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  CancelBooking(argument: _fleet_CancelBookingRequest, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  cancelBooking(argument: _fleet_CancelBookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  cancelBooking(argument: _fleet_CancelBookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  cancelBooking(argument: _fleet_CancelBookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  cancelBooking(argument: _fleet_CancelBookingRequest, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  
  GetBooking(argument: _fleet_GetBookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  GetBooking(argument: _fleet_GetBookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  GetBooking(argument: _fleet_GetBookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  GetBooking(argument: _fleet_GetBookingRequest, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  getBooking(argument: _fleet_GetBookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  getBooking(argument: _fleet_GetBookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  getBooking(argument: _fleet_GetBookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  getBooking(argument: _fleet_GetBookingRequest, callback: grpc.requestCallback<_fleet_Booking__Output>): grpc.ClientUnaryCall;
  
  ListStations(argument: _fleet_ListStationsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  ListStations(argument: _fleet_ListStationsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  ListStations(argument: _fleet_ListStationsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  ListStations(argument: _fleet_ListStationsRequest, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  listStations(argument: _fleet_ListStationsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  listStations(argument: _fleet_ListStationsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  listStations(argument: _fleet_ListStationsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  listStations(argument: _fleet_ListStationsRequest, callback: grpc.requestCallback<_fleet_ListStationsResponse__Output>): grpc.ClientUnaryCall;
  
  Negotiate(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarMessage, _fleet_EngineMessage__Output>;
  Negotiate(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarMessage, _fleet_EngineMessage__Output>;
  negotiate(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarMessage, _fleet_EngineMessage__Output>;
  negotiate(options?: grpc.CallOptions): grpc.ClientDuplexStream<_fleet_CarMessage, _fleet_EngineMessage__Output>;
  
  RequestBooking(argument: _fleet_BookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  RequestBooking(argument: _fleet_BookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  RequestBooking(argument: _fleet_BookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  RequestBooking(argument: _fleet_BookingRequest, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  requestBooking(argument: _fleet_BookingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  requestBooking(argument: _fleet_BookingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  requestBooking(argument: _fleet_BookingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  requestBooking(argument: _fleet_BookingRequest, callback: grpc.requestCallback<_fleet_BookingResponse__Output>): grpc.ClientUnaryCall;
  
  SetStationStatus(argument: _fleet_SetStationStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  SetStationStatus(argument: _fleet_SetStationStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  SetStationStatus(argument: _fleet_SetStationStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  SetStationStatus(argument: _fleet_SetStationStatusRequest, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  setStationStatus(argument: _fleet_SetStationStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  setStationStatus(argument: _fleet_SetStationStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  setStationStatus(argument: _fleet_SetStationStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  setStationStatus(argument: _fleet_SetStationStatusRequest, callback: grpc.requestCallback<_fleet_Station__Output>): grpc.ClientUnaryCall;
  
}

export interface NegotiationServiceHandlers extends grpc.UntypedServiceImplementation {
  CancelBooking: grpc.handleUnaryCall<_fleet_CancelBookingRequest__Output, _fleet_Booking>;
  
  GetBooking: grpc.handleUnaryCall<_fleet_GetBookingRequest__Output, _fleet_Booking>;
  
  ListStations: grpc.handleUnaryCall<_fleet_ListStationsRequest__Output, _fleet_ListStationsResponse>;
  
  Negotiate: grpc.handleBidiStreamingCall<_fleet_CarMessage__Output, _fleet_EngineMessage>;
  
  RequestBooking: grpc.handleUnaryCall<_fleet_BookingRequest__Output, _fleet_BookingResponse>;
  
  SetStationStatus: grpc.handleUnaryCall<_fleet_SetStationStatusRequest__Output, _fleet_Station>;
  
}

export interface NegotiationServiceDefinition extends grpc.ServiceDefinition {
  CancelBooking: MethodDefinition<_fleet_CancelBookingRequest, _fleet_Booking, _fleet_CancelBookingRequest__Output, _fleet_Booking__Output>
  GetBooking: MethodDefinition<_fleet_GetBookingRequest, _fleet_Booking, _fleet_GetBookingRequest__Output, _fleet_Booking__Output>
  ListStations: MethodDefinition<_fleet_ListStationsRequest, _fleet_ListStationsResponse, _fleet_ListStationsRequest__Output, _fleet_ListStationsResponse__Output>
  Negotiate: MethodDefinition<_fleet_CarMessage, _fleet_EngineMessage, _fleet_CarMessage__Output, _fleet_EngineMessage__Output>
  RequestBooking: MethodDefinition<_fleet_BookingRequest, _fleet_BookingResponse, _fleet_BookingRequest__Output, _fleet_BookingResponse__Output>
  SetStationStatus: MethodDefinition<_fleet_SetStationStatusRequest, _fleet_Station, _fleet_SetStationStatusRequest__Output, _fleet_Station__Output>
}
