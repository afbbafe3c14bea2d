export type { BookedSlot, Booking, KeptSlot, NewBooking, SeenBooking } from "./booking.ts";
export * from "./change.ts";
export * from "./confirm.ts";
export {
  type AskedRequest,
  type BookingFilter,
  bookingsOfRequests,
  bookingsOnOutOfOrder,
  changedBookings,
  countBookings,
  findBooking,
  findBookingOfRequest,
  keptSlots,
  lateBookings,
  listBookings,
  sessionsUnderWay,
  standingBookings,
} from "./find.ts";
export * from "./move.ts";
export * from "./outbox.ts";
export * from "./overstay.ts";
export * from "./refuse.ts";
