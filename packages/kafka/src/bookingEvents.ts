import { type BookingEvent, decodeBookingEvent, TOPICS } from "@greenlane/contracts";
import type { Runtime } from "@greenlane/runtime";
import type { KafkaConfig } from "./client.ts";
import { openTopicReader } from "./topicReader.ts";

/** Whoever publishes them repeats at most what it had taken in one go: so many are remembered. */
const REMEMBERED = 10_000;

export interface BookingEventsListener {
  clientId: string;
  /** Whether a car's events matter; others are passed over unread. All matter, when left out. */
  concerns?: (carId: string) => boolean;
  /** Events of one answer of the log; those of one car in their order, each once. A throw is a defect and ends the process. */
  onEvents: (events: BookingEvent[]) => void;
}

/**
 * Hears of every change of a booking from now on, whichever process made it: each listener hears of all, without a
 * consumer group. While Kafka is away it waits; what was written meanwhile follows.
 * Rejects when Kafka does not answer at the start.
 */
export async function followBookingEvents(
  config: KafkaConfig,
  { clientId, concerns, onEvents }: BookingEventsListener,
  { logger }: Pick<Runtime, "logger">,
): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const reader = opening.use(await openTopicReader(config, TOPICS.bookingEvents, clientId, logger));
  const from = new Map((await reader.offsets()).map(({ partition, high }) => [partition, high]));
  const stopping = new AbortController();
  const isNew = newness();

  async function follow(): Promise<void> {
    const batches = reader.follow({
      from,
      signal: stopping.signal,
      onAway: (err) => logger.warn({ err }, "bookings' changes cannot be read"),
      onBack: () => logger.info("bookings' changes can be read again"),
    });
    for await (const { records } of batches) {
      const ours = concerns === undefined ? records : records.filter(({ key }) => concerns(`${key}`));
      const events = ours.flatMap(({ value }) => decodeBookingEvent(value) ?? []).filter(isNew);
      if (events.length > 0) onEvents(events);
    }
  }

  const following = follow();
  opening.defer(() => following);
  opening.defer(() => stopping.abort());
  return opening.move();
}

/** A filter that lets each change through once, as far back as it remembers: the last so many, and up to as many before. */
function newness(): (event: BookingEvent) => boolean {
  let known = new Set<string>();
  let before = known;
  return ({ booking_id, version }) => {
    const change = `${booking_id}\n${version}`;
    if (known.has(change) || before.has(change)) return false;
    if (known.size === REMEMBERED) {
      before = known;
      known = new Set();
    }
    known.add(change);
    return true;
  };
}
