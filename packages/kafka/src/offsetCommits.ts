import type { Batch, Consumer, TopicPartitionOffset } from "kafkajs";

/** A group that a member vanishes from reads again, at the most, what was done in the last ms of this number. */
const COMMIT_AFTER_MS = 50;

export interface OffsetCommits {
  /** The offset behind a batch may be committed now. @throws what the last commit failed with */
  done(batch: Batch): void;
  /** Commits what is done. @throws what kafkajs throws */
  flush(): Promise<void>;
  /** Forgets what is done and not committed: the partitions were assigned anew. */
  forget(): void;
}

/** Commits offsets a little after the work on their records is done, those of all partitions by one request. */
export function offsetCommits(consumer: Consumer): OffsetCommits {
  const uncommitted = new Map<string, TopicPartitionOffset>();
  let timer: NodeJS.Timeout | undefined;
  let failure: { error: unknown } | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const offsets = [...uncommitted];
    uncommitted.clear();
    if (offsets.length === 0) return;
    try {
      await consumer.commitOffsets(offsets.map(([, offset]) => offset));
    } catch (error) {
      for (const [partition, offset] of offsets) if (!uncommitted.has(partition)) uncommitted.set(partition, offset); // the next commit takes them along
      throw error;
    }
  }

  return {
    done(batch) {
      if (failure !== undefined) {
        const { error } = failure;
        failure = undefined;
        throw error;
      }
      const { topic, partition } = batch;
      uncommitted.set(`${topic}/${partition}`, { topic, partition, offset: `${BigInt(batch.lastOffset()) + 1n}` });
      timer ??= setTimeout(() => {
        flush().catch((error: unknown) => {
          failure = { error };
        });
      }, COMMIT_AFTER_MS);
    },
    flush,
    forget() {
      clearTimeout(timer);
      timer = undefined;
      uncommitted.clear();
    },
  };
}
