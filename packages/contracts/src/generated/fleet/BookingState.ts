// Original file: proto/fleet.proto

export const BookingState = {
  BOOKING_STATE_UNKNOWN: 0,
  PENDING: 1,
  RESERVED: 2,
  REJECTED: 3,
  FAILED: 4,
  FULFILLED: 5,
  CANCELED: 6,
  NO_SHOW: 7,
} as const;

export type BookingState =
  | 'BOOKING_STATE_UNKNOWN'
  | 0
  | 'PENDING'
  | 1
  | 'RESERVED'
  | 2
  | 'REJECTED'
  | 3
  | 'FAILED'
  | 4
  | 'FULFILLED'
  | 5
  | 'CANCELED'
  | 6
  | 'NO_SHOW'
  | 7

export type BookingState__Output = typeof BookingState[keyof typeof BookingState]
