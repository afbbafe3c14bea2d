import { type BookingEvent, decodeBookingEvent, TOPICS } from "@greenlane/contracts";
import { type KafkaConfig, openTopicReader } from "@greenlane/kafka";
import { backoffMs, pause, type Runtime } from "@greenlane/runtime";

const REOPEN = { baseMs: 200, maxMs: 2_000 };

/**
 * Hears of every change of a booking from now on, whichever process made it.
 * @param onEvents events in the order of their time; some may come twice
 */
export function followBookingEvents(
  config: KafkaConfig,
  clientId: string,
  onEvents: (events: BookingEvent[]) => void,
  { logger }: Runtime,
): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function follow(): Promise<void> {
    await using reader = await openTopicReader(config, TOPICS.bookingEvents, clientId, logger);
    const from = new Map((await reader.offsets()).map(({ partition, high }) => [partition, high]));
    const onAway = (err: unknown) => logger.warn({ err }, "bookings' changes cannot be read");
    const onBack = () => logger.info("bookings' changes can be read again");
    for await (const { records } of reader.follow({ from, signal, onAway, onBack })) {
      onEvents(records.flatMap(({ value }) => decodeBookingEvent(value) ?? []));
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await follow();
      } catch (err) {
        logger.warn({ err }, "bookings' changes cannot be read; trying on");
      }
      await pause(backoffMs(failures, REOPEN), signal);
    }
  }

  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}
