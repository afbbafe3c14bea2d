// Original file: proto/fleet.proto

export const BookingStatus = {
  BOOKING_UNKNOWN: 0,
  BOOKING_CONFIRMED: 1,
  BOOKING_FAILED: 2,
  BOOKING_EXPIRED: 3,
} as const;

export type BookingStatus =
  | 'BOOKING_UNKNOWN'
  | 0
  | 'BOOKING_CONFIRMED'
  | 1
  | 'BOOKING_FAILED'
  | 2
  | 'BOOKING_EXPIRED'
  | 3

export type BookingStatus__Output = typeof BookingStatus[keyof typeof BookingStatus]
