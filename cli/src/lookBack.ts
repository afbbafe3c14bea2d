import type { TopicReader, TopicRecord } from "@greenlane/kafka";

/** How far back something is looked for in its partition: a little first, then more. */
const RECORDS = [500, 2_000, 8_000];

/**
 * What the newest records of a key's partition tell, oldest first. Looks back until it is enough, or far enough.
 * @param eventsIn what is looked for, in some records
 */
export async function lookBack<Event>(
  reader: TopicReader,
  key: string,
  eventsIn: (records: TopicRecord[]) => Event[],
  isEnough: (events: Event[]) => boolean,
): Promise<Event[]> {
  const partition = reader.partitionOf(key);
  const place = (await reader.offsets()).find((each) => each.partition === partition);
  if (place === undefined) return [];
  let events: Event[] = [];
  let from = place.high;
  for (const records of RECORDS) {
    const to = from;
    from = Math.max(place.low, to - records);
    events = [...eventsIn(await reader.readRange(partition, from, to)), ...events];
    if (isEnough(events) || from === place.low) break;
  }
  return events;
}
