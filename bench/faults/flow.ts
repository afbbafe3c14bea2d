import { setTimeout as sleep } from "node:timers/promises";
import { GROUPS, TOPICS } from "@greenlane/contracts";
import { type KafkaConfig, openTopicAdmin } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import type { FaultStage } from "./fault.ts";
import { isPresent, reportingCarId } from "./load/reportingFleet.ts";

/** All flows when no report is without its ack for longer, no row is later, and no request has waited longer. */
const AT_MOST_MS = { ack: 1_000, row: 2_000, answer: 3_000 };
/** It has recovered when it flows for so long; the beginning of that time counts. */
const STEADY_MS = 1_000;
const POLL_MS = 100;
const GROUPS_OF_TELEMETRY = [GROUPS.pricingWorker, GROUPS.booking];

/** The car whose newest row is the oldest. */
const OLDEST_NEWEST = `
SELECT min(newest)::float8 AS "newestMs" FROM unnest($1::text[]) AS car, LATERAL (
  SELECT coalesce((SELECT extract(epoch FROM max(time)) * 1000 FROM telemetry WHERE car_id = car), 0) AS newest
) AS rows_of_car`;

/** Whether a stage's load gets through, as its clients and its database see it. */
export interface Flow {
  /**
   * Waits until acks, rows and bookings come at the rate of the load. @returns since when, Unix ms, and what was stuck
   * until then, in words; or, when they do not in the time given, what is
   */
  steady(withinMs: number): Promise<{ sinceMs: number; waitedFor: string | undefined } | { stuck: string }>;
  /** Holds the load and waits until nothing is under way. @returns what still is, in words; empty when all is quiet */
  quiet(withinMs: number): Promise<string[]>;
}

export function flowOf(stage: FaultStage, kafka: KafkaConfig, cars: number): Flow {
  const { load, database } = stage;
  const probes = Array.from({ length: cars }, (_, n) => n)
    .filter(isPresent)
    .map((n) => reportingCarId("chaos", n));

  /** @returns what does not come at the load's rate, in words; undefined when all does */
  async function stuck(confirmedBefore: number): Promise<string | undefined> {
    const { atMs, oldestUnackedMs, oldestRequestMs, openRequests, confirmed } = await load.nextPulse();
    if (oldestUnackedMs > AT_MOST_MS.ack) return `a report has had no ack for ${oldestUnackedMs.toFixed(0)} ms`;
    if (oldestRequestMs > AT_MOST_MS.answer)
      return `a request has had no answer for ${oldestRequestMs.toFixed(0)} ms, ${openRequests} are open`;
    if (confirmed === confirmedBefore) return "no booking was confirmed";
    const { rows } = await database.query<{ newestMs: number }>(OLDEST_NEWEST, [probes]);
    const lateMs = atMs - (rows[0]?.newestMs ?? 0);
    return lateMs > AT_MOST_MS.row ? `the newest row of a car is ${lateMs.toFixed(0)} ms old` : undefined;
  }

  async function lags(): Promise<string[]> {
    await using admin = await openTopicAdmin(kafka, "chaos", silentLogger, 1);
    const behind: string[] = [];
    for (const group of GROUPS_OF_TELEMETRY) {
      const lag = (await admin.lag(group, TOPICS.fleetEvents)).reduce((sum, partition) => sum + partition.lag, 0);
      if (lag > 0) behind.push(`${group} is ${lag} events behind`);
    }
    return behind;
  }

  async function underWay(): Promise<string[]> {
    const { unacked, openRequests } = await load.nextPulse();
    if (unacked > 0) return [`${unacked} reports have no ack`];
    if (openRequests > 0) return [`${openRequests} requests have no end`];
    const behind = await lags();
    if (behind.length > 0) return behind;
    const outbox = "SELECT count(*)::int AS waiting FROM booking_outbox WHERE put_aside_at IS NULL";
    const { rows } = await database.query<{ waiting: number }>(outbox);
    const waiting = rows[0]?.waiting ?? 0;
    return waiting > 0 ? [`${waiting} changes of bookings are not in Kafka`] : [];
  }

  return {
    async steady(withinMs) {
      const deadlineMs = Date.now() + withinMs;
      const confirmedBefore = (await load.nextPulse()).confirmed;
      let sinceMs: number | undefined;
      let waitedFor: string | undefined;
      for (;;) {
        const nowMs = Date.now();
        const why = await stuck(confirmedBefore).catch((error: Error) => error.message);
        if (why === undefined) sinceMs ??= nowMs;
        else [sinceMs, waitedFor] = [undefined, why];
        if (sinceMs !== undefined && Date.now() - sinceMs >= STEADY_MS) return { sinceMs, waitedFor };
        if (Date.now() > deadlineMs) return { stuck: why ?? "it does not last" };
      }
    },
    async quiet(withinMs) {
      load.hold();
      const deadlineMs = Date.now() + withinMs;
      for (;;) {
        const open = await underWay().catch((error: Error) => [error.message]);
        if (open.length === 0 || Date.now() > deadlineMs) return open;
        await sleep(POLL_MS);
      }
    },
  };
}
