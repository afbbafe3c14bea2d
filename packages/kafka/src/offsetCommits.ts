import { Batcher } from "@greenlane/runtime";
import type { Batch, Consumer } from "kafkajs";

interface OffsetCommit {
  batch: Batch;
  committed: () => void;
  failed: (error: unknown) => void;
}

/** Commits the offset behind a batch; batches that end at the same time are committed by one request. */
export function offsetCommits(consumer: Consumer): (batch: Batch) => Promise<void> {
  const batcher = new Batcher<OffsetCommit>({
    maxItems: Number.POSITIVE_INFINITY,
    maxWaiting: Number.POSITIVE_INFINITY, // a partition has one batch at a time
    work: async (commits) => {
      try {
        await consumer.commitOffsets(
          commits.map(({ batch }) => ({
            topic: batch.topic,
            partition: batch.partition,
            offset: `${BigInt(batch.lastOffset()) + 1n}`,
          })),
        );
        for (const { committed } of commits) committed();
      } catch (error) {
        for (const { failed } of commits) failed(error);
      }
    },
  });
  return (batch) =>
    new Promise((committed, failed) => {
      batcher.add({ batch, committed, failed });
    });
}
