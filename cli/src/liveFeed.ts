import type { FollowOptions, TopicReader, TopicRecord } from "@greenlane/kafka";
import type { Feed } from "./inTimeOrder.ts";

/** A view that is further behind than so many records, though it drops what it cannot show, skips to the newest. */
const MAX_BEHIND = 100_000;

/** What a live view does with a topic. */
export interface LiveTopic extends Pick<FollowOptions, "signal" | "onAway" | "onBack"> {
  reader: TopicReader;
  /** All that the log holds first. */
  fromBeginning: boolean;
  /** So many records were left out, as the view was too far behind. */
  onSkipped: (records: number) => void;
  show: (record: TopicRecord) => void;
}

export interface LiveFeed extends Feed {
  show: (record: TopicRecord) => void;
}

/** Reads a topic as a live view does. @throws what kafkajs throws when no broker answers */
export async function liveFeed({ reader, fromBeginning, onSkipped, show, ...follow }: LiveTopic): Promise<LiveFeed> {
  const places = await reader.offsets();
  const from = new Map(places.map(({ partition, low, high }) => [partition, fromBeginning ? low : high]));
  let positions: ReadonlyMap<number, number> = from;
  const isBehind = () => places.some(({ partition, high }) => (positions.get(partition) ?? 0) < high);
  let history = isBehind();

  async function* records(): AsyncGenerator<TopicRecord[], void> {
    for await (const batch of reader.follow({ from, ...follow })) {
      yield batch.records;
      positions = batch.positions;
      history &&= isBehind();
      if (history || batch.behind <= MAX_BEHIND) continue;
      batch.skipToEnd();
      onSkipped(batch.behind);
    }
  }
  return { records: records(), isHistory: () => history, show };
}
