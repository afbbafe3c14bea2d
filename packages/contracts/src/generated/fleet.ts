import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AcceptOffer as _fleet_AcceptOffer, AcceptOffer__Output as _fleet_AcceptOffer__Output } from './fleet/AcceptOffer.ts';
import type { Booking as _fleet_Booking, Booking__Output as _fleet_Booking__Output } from './fleet/Booking.ts';
import type { BookingEvent as _fleet_BookingEvent, BookingEvent__Output as _fleet_BookingEvent__Output } from './fleet/BookingEvent.ts';
import type { BookingRequest as _fleet_BookingRequest, BookingRequest__Output as _fleet_BookingRequest__Output } from './fleet/BookingRequest.ts';
import type { BookingResponse as _fleet_BookingResponse, BookingResponse__Output as _fleet_BookingResponse__Output } from './fleet/BookingResponse.ts';
import type { CancelBookingRequest as _fleet_CancelBookingRequest, CancelBookingRequest__Output as _fleet_CancelBookingRequest__Output } from './fleet/CancelBookingRequest.ts';
import type { CarMessage as _fleet_CarMessage, CarMessage__Output as _fleet_CarMessage__Output } from './fleet/CarMessage.ts';
import type { CarPresence as _fleet_CarPresence, CarPresence__Output as _fleet_CarPresence__Output } from './fleet/CarPresence.ts';
import type { CarStatus as _fleet_CarStatus, CarStatus__Output as _fleet_CarStatus__Output } from './fleet/CarStatus.ts';
import type { ChargeRequest as _fleet_ChargeRequest, ChargeRequest__Output as _fleet_ChargeRequest__Output } from './fleet/ChargeRequest.ts';
import type { Connector as _fleet_Connector, Connector__Output as _fleet_Connector__Output } from './fleet/Connector.ts';
import type { CounterOffer as _fleet_CounterOffer, CounterOffer__Output as _fleet_CounterOffer__Output } from './fleet/CounterOffer.ts';
import type { DeclineOffers as _fleet_DeclineOffers, DeclineOffers__Output as _fleet_DeclineOffers__Output } from './fleet/DeclineOffers.ts';
import type { EngineMessage as _fleet_EngineMessage, EngineMessage__Output as _fleet_EngineMessage__Output } from './fleet/EngineMessage.ts';
import type { FleetServiceClient as _fleet_FleetServiceClient, FleetServiceDefinition as _fleet_FleetServiceDefinition } from './fleet/FleetService.ts';
import type { GetBookingRequest as _fleet_GetBookingRequest, GetBookingRequest__Output as _fleet_GetBookingRequest__Output } from './fleet/GetBookingRequest.ts';
import type { ListStationsRequest as _fleet_ListStationsRequest, ListStationsRequest__Output as _fleet_ListStationsRequest__Output } from './fleet/ListStationsRequest.ts';
import type { ListStationsResponse as _fleet_ListStationsResponse, ListStationsResponse__Output as _fleet_ListStationsResponse__Output } from './fleet/ListStationsResponse.ts';
import type { MoveBooking as _fleet_MoveBooking, MoveBooking__Output as _fleet_MoveBooking__Output } from './fleet/MoveBooking.ts';
import type { NegotiationServiceClient as _fleet_NegotiationServiceClient, NegotiationServiceDefinition as _fleet_NegotiationServiceDefinition } from './fleet/NegotiationService.ts';
import type { Offer as _fleet_Offer, Offer__Output as _fleet_Offer__Output } from './fleet/Offer.ts';
import type { Offers as _fleet_Offers, Offers__Output as _fleet_Offers__Output } from './fleet/Offers.ts';
import type { Refusal as _fleet_Refusal, Refusal__Output as _fleet_Refusal__Output } from './fleet/Refusal.ts';
import type { RejectedReport as _fleet_RejectedReport, RejectedReport__Output as _fleet_RejectedReport__Output } from './fleet/RejectedReport.ts';
import type { SetStationStatusRequest as _fleet_SetStationStatusRequest, SetStationStatusRequest__Output as _fleet_SetStationStatusRequest__Output } from './fleet/SetStationStatusRequest.ts';
import type { Station as _fleet_Station, Station__Output as _fleet_Station__Output } from './fleet/Station.ts';
import type { TakenSlot as _fleet_TakenSlot, TakenSlot__Output as _fleet_TakenSlot__Output } from './fleet/TakenSlot.ts';
import type { TelemetryAnswer as _fleet_TelemetryAnswer, TelemetryAnswer__Output as _fleet_TelemetryAnswer__Output } from './fleet/TelemetryAnswer.ts';
import type { TelemetryBatch as _fleet_TelemetryBatch, TelemetryBatch__Output as _fleet_TelemetryBatch__Output } from './fleet/TelemetryBatch.ts';
import type { TelemetryEvent as _fleet_TelemetryEvent, TelemetryEvent__Output as _fleet_TelemetryEvent__Output } from './fleet/TelemetryEvent.ts';
import type { Waitlisted as _fleet_Waitlisted, Waitlisted__Output as _fleet_Waitlisted__Output } from './fleet/Waitlisted.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  fleet: {
    AcceptOffer: MessageTypeDefinition<_fleet_AcceptOffer, _fleet_AcceptOffer__Output>
    Booking: MessageTypeDefinition<_fleet_Booking, _fleet_Booking__Output>
    BookingEvent: MessageTypeDefinition<_fleet_BookingEvent, _fleet_BookingEvent__Output>
    BookingRequest: MessageTypeDefinition<_fleet_BookingRequest, _fleet_BookingRequest__Output>
    BookingResponse: MessageTypeDefinition<_fleet_BookingResponse, _fleet_BookingResponse__Output>
    BookingState: EnumTypeDefinition
    BookingStatus: EnumTypeDefinition
    CancelBookingRequest: MessageTypeDefinition<_fleet_CancelBookingRequest, _fleet_CancelBookingRequest__Output>
    CarMessage: MessageTypeDefinition<_fleet_CarMessage, _fleet_CarMessage__Output>
    CarPresence: MessageTypeDefinition<_fleet_CarPresence, _fleet_CarPresence__Output>
    CarStatus: MessageTypeDefinition<_fleet_CarStatus, _fleet_CarStatus__Output>
    ChargeRequest: MessageTypeDefinition<_fleet_ChargeRequest, _fleet_ChargeRequest__Output>
    Connector: MessageTypeDefinition<_fleet_Connector, _fleet_Connector__Output>
    ConnectorStatus: EnumTypeDefinition
    CounterOffer: MessageTypeDefinition<_fleet_CounterOffer, _fleet_CounterOffer__Output>
    CounterWish: EnumTypeDefinition
    DeclineOffers: MessageTypeDefinition<_fleet_DeclineOffers, _fleet_DeclineOffers__Output>
    EngineMessage: MessageTypeDefinition<_fleet_EngineMessage, _fleet_EngineMessage__Output>
    FleetService: SubtypeConstructor<typeof grpc.Client, _fleet_FleetServiceClient> & { service: _fleet_FleetServiceDefinition }
    GetBookingRequest: MessageTypeDefinition<_fleet_GetBookingRequest, _fleet_GetBookingRequest__Output>
    ListStationsRequest: MessageTypeDefinition<_fleet_ListStationsRequest, _fleet_ListStationsRequest__Output>
    ListStationsResponse: MessageTypeDefinition<_fleet_ListStationsResponse, _fleet_ListStationsResponse__Output>
    MoveBooking: MessageTypeDefinition<_fleet_MoveBooking, _fleet_MoveBooking__Output>
    NegotiationService: SubtypeConstructor<typeof grpc.Client, _fleet_NegotiationServiceClient> & { service: _fleet_NegotiationServiceDefinition }
    Offer: MessageTypeDefinition<_fleet_Offer, _fleet_Offer__Output>
    Offers: MessageTypeDefinition<_fleet_Offers, _fleet_Offers__Output>
    Refusal: MessageTypeDefinition<_fleet_Refusal, _fleet_Refusal__Output>
    RefusalReason: EnumTypeDefinition
    RejectedReport: MessageTypeDefinition<_fleet_RejectedReport, _fleet_RejectedReport__Output>
    SetStationStatusRequest: MessageTypeDefinition<_fleet_SetStationStatusRequest, _fleet_SetStationStatusRequest__Output>
    Station: MessageTypeDefinition<_fleet_Station, _fleet_Station__Output>
    TakenSlot: MessageTypeDefinition<_fleet_TakenSlot, _fleet_TakenSlot__Output>
    TelemetryAnswer: MessageTypeDefinition<_fleet_TelemetryAnswer, _fleet_TelemetryAnswer__Output>
    TelemetryBatch: MessageTypeDefinition<_fleet_TelemetryBatch, _fleet_TelemetryBatch__Output>
    TelemetryEvent: MessageTypeDefinition<_fleet_TelemetryEvent, _fleet_TelemetryEvent__Output>
    Waitlisted: MessageTypeDefinition<_fleet_Waitlisted, _fleet_Waitlisted__Output>
  }
}

