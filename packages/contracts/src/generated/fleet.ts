import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { BookingEvent as _fleet_BookingEvent, BookingEvent__Output as _fleet_BookingEvent__Output } from './fleet/BookingEvent.ts';
import type { BookingRequest as _fleet_BookingRequest, BookingRequest__Output as _fleet_BookingRequest__Output } from './fleet/BookingRequest.ts';
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from './fleet/BookingResponse.ts';
import type { CarStatus as _fleet_CarStatus, CarStatus__Output as _fleet_CarStatus__Output } from './fleet/CarStatus.ts';
import type { FleetServiceClient as _fleet_FleetServiceClient, FleetServiceDefinition as _fleet_FleetServiceDefinition } from './fleet/FleetService.ts';
import type { TelemetryEvent as _fleet_TelemetryEvent, TelemetryEvent__Output as _fleet_TelemetryEvent__Output } from './fleet/TelemetryEvent.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  fleet: {
    BookingEvent: MessageTypeDefinition<_fleet_BookingEvent, _fleet_BookingEvent__Output>
    BookingRequest: MessageTypeDefinition<_fleet_BookingRequest, _fleet_BookingRequest__Output>
    BookingResponse: MessageTypeDefinition<_fleet_BookingResponse, _fleet_BookingResponse__Output>
    BookingStatus: EnumTypeDefinition
    CarStatus: MessageTypeDefinition<_fleet_CarStatus, _fleet_CarStatus__Output>
    FleetService: SubtypeConstructor<typeof grpc.Client, _fleet_FleetServiceClient> & { service: _fleet_FleetServiceDefinition }
    TelemetryEvent: MessageTypeDefinition<_fleet_TelemetryEvent, _fleet_TelemetryEvent__Output>
  }
}

