/** The Kafka topics, each with its name, its partitions and how long it keeps what it holds. */
export const TOPICS = {
  /** Telemetry as it was accepted. Key: car id. */
  fleetEvents: "fleet-events",
  /** Cars coming and going. Key: car id. */
  fleetConnectivity: "fleet-connectivity",
  /** Events that could not be decoded, with their reason and origin in the headers. Key: as received. */
  fleetEventsDeadLetter: "fleet-events.dead-letter",
  /** Every change of a booking. Key: car id. */
  bookingEvents: "booking-events",
} as const;

export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

const DAY_MS = 24 * 60 * 60 * 1000;

/** How each topic is created. Partitions bound how many consumers of one group can share the work. */
export const TOPIC_SPECS: readonly { name: TopicName; partitions: number; retentionMs: number }[] = [
  { name: TOPICS.fleetEvents, partitions: 6, retentionMs: 7 * DAY_MS },
  { name: TOPICS.fleetConnectivity, partitions: 6, retentionMs: 7 * DAY_MS },
  { name: TOPICS.fleetEventsDeadLetter, partitions: 1, retentionMs: 30 * DAY_MS },
  { name: TOPICS.bookingEvents, partitions: 6, retentionMs: 7 * DAY_MS },
];

/** The Kafka record headers that GreenLane writes; all values are UTF-8 text. */
export const HEADERS = {
  /** Unix ms at which ingestion had the event in hand. */
  receivedAtMs: "received-at-ms",
  /** Which ingestion process wrote the record. */
  instance: "instance",
  /** In the dead-letter topic: why, and where the record came from. */
  reason: "reason",
  originTopic: "origin-topic",
  originPartition: "origin-partition",
  originOffset: "origin-offset",
  /** How long the value was that a dead letter holds the beginning of. */
  cutFromBytes: "cut-from-bytes",
} as const;

/** The consumer groups whose lag matters. */
export const GROUPS = {
  pricingWorker: "pricing-worker-group",
  /** The booking processes, that hear from the telemetry who plugs in and who leaves. */
  booking: "booking-group",
} as const;
