import { setTimeout as sleep } from "node:timers/promises";
import { GROUPS, TOPICS } from "@greenlane/contracts";
import { createKafka, openTopicAdmin, type TopicAdmin } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";

const POLL_MS = 50;

/** The log of a run, as figures look at it. */
export class EventLog implements AsyncDisposable {
  readonly #admin: TopicAdmin;
  readonly #brokers: string;

  private constructor(admin: TopicAdmin, brokers: string) {
    this.#admin = admin;
    this.#brokers = brokers;
  }

  /** Makes the topics and opens the log. */
  static async open(brokers: string): Promise<EventLog> {
    const admin = await openTopicAdmin(configOf(brokers), "bench", silentLogger);
    await admin.ensureTopics();
    return new EventLog(admin, brokers);
  }

  /** Events appended ever, those that were removed since included. */
  async appended(): Promise<number> {
    const offsets = await this.#admin.offsets(TOPICS.fleetEvents);
    return offsets.reduce((sum, { high }) => sum + high, 0);
  }

  /** Events that the pricing workers have not committed. */
  async lag(): Promise<number> {
    const partitions = await this.#admin.lag(GROUPS.pricingWorker, TOPICS.fleetEvents);
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  }

  /** Waits until the pricing workers have committed all but so many. @throws Error when they stop to come forward */
  async drainedTo(left: number, patienceMs = 60_000): Promise<void> {
    let least = Number.POSITIVE_INFINITY;
    let deadlineMs = 0;
    for (;;) {
      const lag = await this.lag();
      if (lag <= left) return;
      if (lag < least) {
        least = lag;
        deadlineMs = Date.now() + patienceMs;
      } else if (Date.now() > deadlineMs) throw new Error(`the pricing workers stay ${lag} events behind`);
      await sleep(POLL_MS);
    }
  }

  /** Removes every event, so that a worker that comes now finds nothing. */
  async clear(): Promise<void> {
    const admin = createKafka(configOf(this.#brokers), "bench", silentLogger).admin();
    await admin.connect();
    try {
      const offsets = await admin.fetchTopicOffsets(TOPICS.fleetEvents);
      const partitions = offsets
        .filter(({ low, high }) => high !== low)
        .map(({ partition, high }) => ({ partition, offset: high }));
      if (partitions.length > 0) await admin.deleteTopicRecords({ topic: TOPICS.fleetEvents, partitions });
    } finally {
      await admin.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin[Symbol.asyncDispose]();
  }
}

const configOf = (brokers: string) => ({ KAFKA_BROKERS: [brokers], KAFKA_REQUEST_TIMEOUT_MS: 30_000 });
