import { TOPICS } from "@greenlane/contracts";
import { consumeBatches, openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { type Runtime, type Service, startAdminServer } from "@greenlane/runtime";
import { closeDatabase, migrate, openDatabase, storeGridPrice } from "@greenlane/timescale";
import type { PricingWorkerConfig } from "./config.ts";
import { GridPrices } from "./gridPrices.ts";
import { priceAndStore } from "./priceAndStore.ts";

/**
 * Members of the group that this process is. A member fetches again when all that it fetched is stored: of two, one reads
 * and prices while the other waits for the database.
 */
const MEMBERS = 2;
/** A batch takes some ms; one that has taken so long waits for something. */
const STUCK_AFTER_S = 5;

export interface PricingWorker extends Service {
  adminPort: number;
}

/** Starts a pricing worker. Rejects when Kafka or the database does not answer, or its port is taken. */
export async function startPricingWorker(config: PricingWorkerConfig, runtime: Runtime): Promise<PricingWorker> {
  const { logger, metrics } = runtime;
  await using opening = new AsyncDisposableStack();
  await migrate(config.DATABASE_URL, logger);
  {
    await using admin = await openTopicAdmin(config, "pricing-worker", logger);
    await admin.ensureTopics();
  }
  const database = opening.adopt(openDatabase(config.DATABASE_URL, logger), closeDatabase);
  const deadLetters = opening.use(await openLogWriter(config, "pricing-worker", logger));
  const grid = new GridPrices(
    {
      url: config.GRID_URL,
      timeoutMs: config.GRID_TIMEOUT_MS,
      graceMs: config.PRICE_GRACE_MS,
      onPrice: (price) => storeGridPrice(database, price),
    },
    runtime,
  );
  const work = priceAndStore({ grid, database, deadLetters }, runtime);
  const consume = async () =>
    opening.use(
      await consumeBatches(
        config,
        {
          groupId: config.KAFKA_GROUP_ID,
          topics: [TOPICS.fleetEvents],
          fromBeginning: true,
          partitionsAtOnce: config.PARTITIONS_AT_ONCE,
          onBatch: work.onBatch,
          onAssigned: work.onAssigned,
        },
        logger,
      ),
    );
  const joining = Array.from({ length: MEMBERS }, consume);
  await Promise.allSettled(joining);
  const consumers = await Promise.all(joining);
  const readiness = () => {
    const isAssigned = consumers.some((consumer) => consumer.assigned() > 0);
    const stuckS = Math.floor(work.oldestBatchMs() / 1_000);
    const isStuck = stuckS >= STUCK_AFTER_S;
    return {
      ready: isAssigned && !isStuck,
      checks: {
        kafka: isAssigned ? "ok" : "no partition assigned",
        grid: grid.isAway() ? "away: consumption waits" : "ok",
        batches: isStuck ? `one has been under way for ${stuckS} s: something is away or hangs` : "ok",
      },
    };
  };
  const admin = opening.use(
    await startAdminServer(
      { host: config.LISTEN_HOST, port: config.ADMIN_PORT },
      { service: "pricing-worker", metrics, readiness },
    ),
  );
  const started = opening.move();
  return { adminPort: admin.port, readiness, stop: () => started.disposeAsync() };
}
