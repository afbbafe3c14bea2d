/** The load of `make chaos`: a process of its own, so that what befalls others does not befall it. */
import { BookingFleet } from "./bookingFleet.ts";
import type { Order, Report } from "./loadMessages.ts";
import { ReportingFleet } from "./reportingFleet.ts";

const TICK_MS = 10;
const PULSE_MS = 100;

let fleets: { reporting: ReportingFleet; booking: BookingFleet } | undefined;

const tell = (report: Report) => void process.send?.(report);

process.on("message", (order: Order) => {
  if (order.kind === "start") {
    const reporting = new ReportingFleet(order.plan);
    const booking = new BookingFleet(order.plan);
    fleets = { reporting, booking };
    setInterval(() => {
      reporting.tick();
      booking.tick();
    }, TICK_MS);
    setInterval(() => {
      tell({ kind: "pulse", pulse: { atMs: Date.now(), ...reporting.pulse(), ...booking.pulse() } });
    }, PULSE_MS);
    return;
  }
  if (fleets === undefined) throw new Error("the load was not started");
  const { reporting, booking } = fleets;
  if (order.kind === "begin") reporting.begin();
  else if (order.kind === "harvest") {
    const { bookings, refusals } = booking.harvest();
    tell({
      kind: "harvest",
      harvest: { ...reporting.harvest(), bookings, refusals: { ...refusals, ...reporting.rejections } },
    });
  } else for (const fleet of [reporting, booking]) fleet[order.kind]();
});
process.on("disconnect", () => process.exit());
