import type { TopicRecord } from "@greenlane/kafka";

/** A topic that is read on and on. */
export interface Feed {
  /** What comes, an array for each answer of the log; ends when the reading does. */
  records: AsyncGenerator<TopicRecord[], void>;
  /** Whether what comes next lay in the log when the reading began. */
  isHistory(): boolean;
}

/** Records of one feed that follow each other. */
export interface Run<From extends Feed> {
  feed: From;
  records: TopicRecord[];
}

interface Head<From extends Feed> {
  feed: From;
  /** What was read and is not passed on yet. */
  records: TopicRecord[];
  /** The next answer, while it is waited for. */
  coming: Promise<void> | undefined;
  over: boolean;
  failure: unknown;
}

/**
 * Passes on the records of several feeds, each in its order, and together by their time: history waits for what the
 * other feeds' history holds, and what is new waits for nothing.
 */
export async function* inTimeOrder<From extends Feed>(feeds: From[]): AsyncGenerator<Run<From>, void> {
  const heads = feeds.map(
    (feed): Head<From> => ({ feed, records: [], coming: undefined, over: false, failure: undefined }),
  );
  for (;;) {
    for (const { failure } of heads) if (failure !== undefined) throw failure;
    const empty = heads.filter(({ records, over }) => records.length === 0 && !over);
    for (const head of empty) head.coming ??= readOn(head);
    const wait = empty.filter(({ feed }) => feed.isHistory()).map(({ coming }) => coming);
    if (wait.length > 0) {
      await Promise.race(wait);
      continue;
    }
    const first = earliest(heads);
    if (first === undefined) {
      if (empty.length === 0) return;
      await Promise.race(empty.map(({ coming }) => coming));
      continue;
    }
    const others = heads.filter((head) => head !== first);
    const untilMs = Math.min(...others.map(({ records }) => records[0]?.timestampMs ?? Number.POSITIVE_INFINITY));
    const later = first.records.findIndex(({ timestampMs }) => timestampMs > untilMs);
    yield { feed: first.feed, records: first.records.splice(0, later === -1 ? first.records.length : later) };
  }
}

/** Never rejects: nobody may be waiting for it. */
async function readOn<From extends Feed>(head: Head<From>): Promise<void> {
  try {
    const { value, done } = await head.feed.records.next();
    head.records = value ?? [];
    head.over = done === true;
  } catch (error) {
    head.failure = error;
  }
  head.coming = undefined;
}

function earliest<From extends Feed>(heads: Head<From>[]): Head<From> | undefined {
  const timeOf = ({ records }: Head<From>) => records[0]?.timestampMs ?? Number.POSITIVE_INFINITY;
  const ready = heads.filter(({ records }) => records.length > 0);
  return ready.length === 0 ? undefined : ready.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a));
}
