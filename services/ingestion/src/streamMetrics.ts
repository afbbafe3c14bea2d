import { Counter, counterOf, gaugeOf, Histogram, type Registry } from "@greenlane/runtime";

/** What is counted of the cars' streams. */
export function streamMetrics(registry: Registry, openStreams: () => number) {
  const registers = [registry];
  let accepted = 0;
  counterOf(registry, "ingestion_events_accepted_total", "Reports that broke no rule", () => accepted);
  gaugeOf(registry, "ingestion_streams", "Streams open now, of cars and gateways", openStreams);
  return {
    /** Called once a report: a plain sum, handed over when somebody asks. */
    accepted: () => {
      accepted++;
    },
    rejected: new Counter({
      name: "ingestion_events_rejected_total",
      help: "Reports refused, by field",
      labelNames: ["field"],
      registers,
    }),
    malformed: new Counter({
      name: "ingestion_messages_malformed_total",
      help: "Messages that cannot be read; each ends its stream",
      registers,
    }),
    batches: new Histogram({
      name: "ingestion_gateway_batch_events",
      help: "Reports in a message of a gateway",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    }),
    ended: new Counter({
      name: "ingestion_streams_ended_total",
      help: "Streams ended, by reason",
      labelNames: ["reason"],
      registers,
    }),
    unauthenticated: new Counter({
      name: "ingestion_unauthenticated_total",
      help: "Streams without a good token",
      registers,
    }),
  };
}
