import * as fc from "fast-check";
import { ownLiveBytes } from "./memory.ts";
import type { FuzzStage } from "./stage.ts";
import type { Fuzzed, FuzzTarget } from "./target.ts";

/** After so many inputs a client that keeps to the rules must be served. */
const SERVE_EVERY = 25;
/** What may be learnt, cached and compiled before growth is looked at: a share of the inputs or of the time. */
const WARM_UP_SHARE = 0.2;
/**
 * What may be alive after the run beyond what was after the warm-up. Not a share of the inputs: all that is kept is
 * bounded, so a leak of a few hundred bytes an input shows in a run of minutes, one of whole streams in one of seconds.
 */
const MAX_GROWTH_BYTES = 24 * 2 ** 20;

export interface FuzzBounds {
  /** The same seed gives the same inputs. */
  seed: number;
  /** Inputs at the most. */
  runs: number;
  /** For how long inputs are given at the most, ms; left out: until all are. */
  forMs?: number;
  /** The one failing input of an earlier run, as its report names it, instead of all. */
  replay?: string | undefined;
}

export interface FuzzReport {
  target: string;
  inputs: number;
  tookMs: number;
  /** What was alive after the warm-up and after the run, bytes. */
  liveBytes: { early: number; late: number };
  /** What did not hold, with the input; undefined: all held. */
  failure: string | undefined;
}

/** Gives a target inputs until one breaks what must hold, or the bounds are met. */
export async function fuzz<Input>(
  target: FuzzTarget<Input>,
  stage: FuzzStage,
  { seed, runs, forMs = Number.POSITIVE_INFINITY, replay }: FuzzBounds,
): Promise<FuzzReport> {
  await using fuzzed = await target.start(stage);
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const startedAtMs = performance.now();
  let inputs = 0;
  let early: number | undefined;

  async function look(): Promise<void> {
    const faults = fuzzed.services.flatMap((service) => service.fault() ?? []);
    faults.push(...unhandled.splice(0).map((reason) => `nobody handled ${inWords(reason)}`));
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  async function holdsFor(input: Input): Promise<void> {
    for (const service of fuzzed.services) await service.revive();
    try {
      await fuzzed.take(input);
      if (inputs++ % SERVE_EVERY === 0) await fuzzed.serve();
    } catch (error) {
      await look(); // that a service has ended tells more than that it does not answer
      throw error;
    }
    await look();
    const share = Math.max(inputs / runs, (performance.now() - startedAtMs) / forMs);
    if (early === undefined && share >= WARM_UP_SHARE) early = await liveBytes(fuzzed);
  }

  try {
    const result = await fc.check(fc.asyncProperty(target.input, holdsFor), {
      seed,
      numRuns: runs,
      ...(Number.isFinite(forMs) && { interruptAfterTimeLimit: forMs, markInterruptAsFailure: false }),
      ...(replay !== undefined && { path: replay }),
    });
    const tookMs = performance.now() - startedAtMs;
    // When the time was too short for one input, fast-check calls that a failure, without an error.
    const failed = result.failed && result.counterexample !== null;
    const late = failed ? 0 : await liveBytes(fuzzed);
    const failure = failed ? failureOf(result) : growth(early ?? late, late);
    return { target: target.name, inputs, tookMs, liveBytes: { early: early ?? late, late }, failure };
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
}

async function liveBytes({ services }: Fuzzed<unknown>): Promise<number> {
  if (services.length === 0) return ownLiveBytes();
  let bytes = 0;
  for (const service of services) bytes += await service.liveBytes();
  return bytes;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function growth(early: number, late: number): string | undefined {
  if (late - early <= MAX_GROWTH_BYTES) return undefined;
  return `memory grows: ${megabytes(early)} was alive after the warm-up, ${megabytes(late)} at the end`;
}

const COUNTEREXAMPLE_LENGTH = 4_000;
const LONG_RUN = /(.)\1{40,}/g;

function failureOf<Input>(result: fc.RunDetails<[Input]>): string {
  const [input] = result.counterexample ?? [];
  const words = fc.stringify(input).replace(LONG_RUN, (run, one) => `${one}×${run.length}`);
  const more = words.length > COUNTEREXAMPLE_LENGTH ? ` … (${words.length} characters)` : "";
  return [
    inWords(result.errorInstance),
    `input: ${words.slice(0, COUNTEREXAMPLE_LENGTH)}${more}`,
    `seed: ${result.seed}, replay: ${result.counterexamplePath ?? "the whole run"}`,
  ].join("\n");
}

const inWords = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** A report in a line, and below it what did not hold. */
export function reportLine({ target, inputs, tookMs, liveBytes: { early, late }, failure }: FuzzReport): string {
  const rate = `${Math.round(inputs / (tookMs / 1000))}/s`;
  const facts = `${target}: ${inputs} inputs in ${(tookMs / 1000).toFixed(1)} s (${rate})`;
  return failure === undefined
    ? `${facts}, ${megabytes(early)} → ${megabytes(late)} alive: ok`
    : `${facts}: FAILED\n${failure}`;
}
