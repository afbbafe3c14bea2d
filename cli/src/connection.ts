import { type ConnectivityEvent, connectivityEventSchema } from "@greenlane/contracts";
import type { TopicReader, TopicRecord } from "@greenlane/kafka";
import { lookBack } from "./lookBack.ts";

/** Whether a car's stream stands, as far as the newest events of its coming and going tell. */
export type Connection =
  | { status: "connected" | "disconnected"; sinceMs: number; reason: string; instance: string }
  /** None of its events is among the newest. */
  | { status: "unknown" };

/**
 * What a car's events, oldest first, say of its present. A car that has lost its way to ingestion comes back on a new
 * stream, and its old one ends later, when ingestion has noticed: so the newest coming counts, and a going after it is
 * taken for that of an older stream of the same instance as long as one may have stood.
 */
export function connectionOf(events: ConnectivityEvent[]): Connection {
  const newestComing = events.findLastIndex(({ event_type }) => event_type === "car_connected");
  const coming = events[newestComing];
  const last = events.at(-1);
  if (last === undefined) return { status: "unknown" };
  if (coming === undefined) return asConnection("disconnected", last);
  const ofInstance = events.filter(({ instance }) => instance === coming.instance);
  let standing = 0;
  for (const { event_type } of ofInstance) {
    standing = event_type === "car_connected" ? standing + 1 : Math.max(0, standing - 1);
  }
  if (standing > 0) return asConnection("connected", coming);
  return asConnection("disconnected", ofInstance.at(-1) ?? coming);
}

const asConnection = (
  status: "connected" | "disconnected",
  { timestamp, reason, instance }: ConnectivityEvent,
): Connection => ({ status, sinceMs: timestamp, reason, instance });

/** How much of each partition is read where many cars are asked for. */
const LOOK_BACK_FOR_MANY = 2_000;

/** The connection of one car, from the tail of the partition that is its own. */
export async function connectionOfCar(reader: TopicReader, carId: string): Promise<Connection> {
  const ofCar = (records: TopicRecord[]) => eventsIn(records).filter(({ car_id }) => car_id === carId);
  return connectionOf(await lookBack(reader, carId, ofCar, (events) => events.length > 0));
}

/** The connections of the cars that the newest events of every partition speak of. */
export async function recentConnections(reader: TopicReader): Promise<Map<string, Connection>> {
  const places = await reader.offsets();
  const read = await Promise.all(
    places.map(({ partition, low, high }) =>
      reader.readRange(partition, Math.max(low, high - LOOK_BACK_FOR_MANY), high),
    ),
  );
  const byCar = Map.groupBy(read.flatMap(eventsIn), ({ car_id }) => car_id);
  return new Map([...byCar].map(([carId, events]) => [carId, connectionOf(events)]));
}

/** The events of some records; a record that is none is passed over. */
function eventsIn(records: TopicRecord[]): ConnectivityEvent[] {
  return records.flatMap(({ value }) => {
    const event = connectivityEventSchema.safeParse(parsed(value));
    return event.success ? [event.data] : [];
  });
}

function parsed(value: Buffer | null): unknown {
  try {
    return JSON.parse(`${value}`);
  } catch {
    return undefined; // not ours
  }
}

/** As --json shows it. */
export function connectionJson(connection: Connection): object {
  if (connection.status === "unknown") return { status: "unknown", since: null, reason: null, instance: null };
  const { status, sinceMs, reason, instance } = connection;
  return { status, since: sinceMs, reason, instance };
}
