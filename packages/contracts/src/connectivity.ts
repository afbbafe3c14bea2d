import { z } from "zod";

/** The JSON value of an event on `fleet-connectivity`. Key: car id. */
export const connectivityEventSchema = z.object({
  event_type: z.enum(["car_connected", "car_disconnected"]),
  car_id: z.string(),
  /** Unix ms. */
  timestamp: z.number(),
  /** Why: "first report"; "half-close", "cancelled", "idle", "not reading acks", "shutdown", … */
  reason: z.string(),
  /** The ingestion process that held the stream. */
  instance: z.string(),
});

export type ConnectivityEvent = z.infer<typeof connectivityEventSchema>;
