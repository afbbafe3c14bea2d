import { Batcher } from "@greenlane/runtime";
import {
  type Database,
  isFaultOfData,
  type PricedTelemetry,
  type StoredBatch,
  telemetryStore,
} from "@greenlane/timescale";

/** Transactions under way at once: while one is flushed to disk the next one is filled. */
const COMMITS_AT_ONCE = 2;
/** Batches that one transaction takes together, at the most. */
const BATCHES_A_COMMIT = 8;

interface Waiting {
  rows: PricedTelemetry[];
  committed: () => void;
  failed: (error: unknown) => void;
}

/**
 * Stores the batches of several partitions in one transaction, as a database's log does with the commits that wait for
 * the same flush. A batch that the database refuses does not take its neighbours along: they are stored one by one then.
 */
export function groupCommit(
  database: Database,
  onStored: (outcome: StoredBatch) => void,
): (rows: PricedTelemetry[]) => Promise<void> {
  const storeRows = telemetryStore(database);

  async function store(batches: Waiting[]): Promise<void> {
    try {
      onStored(await storeRows(batches.flatMap(({ rows }) => rows)));
      for (const { committed } of batches) committed();
    } catch (error) {
      if (batches.length > 1 && isFaultOfData(error)) for (const batch of batches) await store([batch]);
      else for (const { failed } of batches) failed(error);
    }
  }
  const batcher = new Batcher<Waiting>({
    maxItems: BATCHES_A_COMMIT,
    maxWaiting: Number.POSITIVE_INFINITY, // a partition has one batch at a time
    batchesAtOnce: COMMITS_AT_ONCE,
    work: store,
  });
  return (rows) =>
    new Promise((committed, failed) => {
      batcher.add({ rows, committed, failed });
    });
}
