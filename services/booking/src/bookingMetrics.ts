import { Counter, gaugeOf, Histogram, LATENCY_BUCKETS_S, type Registry } from "@greenlane/runtime";

export type BookingMetrics = ReturnType<typeof bookingMetrics>;

/** What is counted of negotiations and bookings. */
export function bookingMetrics(
  registry: Registry,
  open: { negotiations(): number; cars(): number; waiting(): number },
) {
  const registers = [registry];
  gaugeOf(registry, "booking_negotiations", "Negotiations under way or lately ended", open.negotiations);
  gaugeOf(registry, "booking_cars", "Cars that can be spoken to", open.cars);
  gaugeOf(registry, "booking_requests_waiting", "Requests that wait to be matched", open.waiting);
  return {
    answers: new Counter({
      name: "booking_answers_total",
      help: "What cars were told: offers, waitlisted, booked, and refusals by reason",
      labelNames: ["answer"],
      registers,
    }),
    matchedTogether: new Histogram({
      name: "booking_matched_together",
      help: "Requests in one match",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000],
      registers,
    }),
    matchSeconds: new Histogram({
      name: "booking_match_seconds",
      help: "From taking requests to their offers",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    confirmSeconds: new Histogram({
      name: "booking_confirm_seconds",
      help: "From an acceptance to the commit",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    slotsLost: new Counter({
      name: "booking_slots_lost_total",
      help: "Slots that somebody else had taken when they were to be held or booked",
      registers,
    }),
    unrecorded: new Counter({
      name: "booking_unrecorded_total",
      help: "Requests that got no booking and could not be written down",
      registers,
    }),
    changes: new Counter({
      name: "booking_changes_total",
      help: "Bookings that this process changed, by what was done",
      labelNames: ["change"],
      registers,
    }),
    audited: new Counter({
      name: "booking_audit_mended_total",
      help: "Slots in which Redis differed from the database, by what was done",
      labelNames: ["mended"],
      registers,
    }),
  };
}
