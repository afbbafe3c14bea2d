import type { Accounts, Books } from "./books.ts";
import { ZEROS } from "./books.ts";
import type { Fault, FaultStage, Lifted } from "./fault.ts";
import type { Flow } from "./flow.ts";

/** What a fault did. */
export interface Round {
  name: string;
  title: string;
  /** From the first blow to its end, ms. */
  lastedMs: number;
  accounts: Accounts;
  /** The longest time in which no car of the load had an ack, ms. */
  longestSilenceMs: number;
  /** From the end of the fault until acks, rows and bookings came at the load's rate, ms; undefined: they did not. */
  recoveryMs: number | undefined;
  /** What the recovery waited for at last, in words. */
  waitedFor: string | undefined;
  streamsLost: number;
  /** Requests that ended without a booking. */
  refused: number;
  /** What else was not as it must be, in words. */
  found: string[];
  /** What else was seen, in words. */
  measured: string | undefined;
}

/** What the system may take to mend itself after a fault, ms. */
export const RECOVERY_LIMIT_MS = 10_000;
const GIVE_UP_MS = { recovery: 60_000, quiet: 90_000 };

export interface RoundParts {
  stage: FaultStage;
  flow: Flow;
  books: Books;
}

/** Strikes a system that flows, waits until it flows again, then until it is quiet, and reconciles. */
export async function playRound({ stage, flow, books }: RoundParts, fault: Fault, lastsMs: number): Promise<Round> {
  const { load } = stage;
  load.go();
  const start = await flow.steady(GIVE_UP_MS.recovery);
  if ("stuck" in start) throw new Error(`the load does not get through before ${fault.name}: ${start.stuck}`);
  load.begin();
  const before = await load.nextPulse();
  const struckAtMs = Date.now();
  const { overAtMs, found, measured } = await struck(stage, fault, lastsMs * (fault.spans ?? 1));
  const end = await flow.steady(GIVE_UP_MS.recovery);
  if ("stuck" in end) found.push(`it did not recover: ${end.stuck}`);
  const after = await load.nextPulse();
  found.push(...(await flow.quiet(GIVE_UP_MS.quiet)).map((what) => `not quiet: ${what}`));
  const harvest = await load.harvest();
  const accounts = await books.close(harvest);
  const streamsLost = after.streamsLost - before.streamsLost;
  if (fault.othersNoticeNothing && streamsLost > 0) found.push(`${streamsLost} streams of other cars broke`);
  if (after.rejected > before.rejected) found.push(`${after.rejected - before.rejected} good reports were refused`);
  return {
    name: fault.name,
    title: fault.title,
    lastedMs: overAtMs - struckAtMs,
    accounts,
    longestSilenceMs: after.longestSilenceMs,
    recoveryMs: "stuck" in end ? undefined : Math.max(0, end.sinceMs - overAtMs),
    waitedFor: "stuck" in end ? end.stuck : end.waitedFor,
    streamsLost,
    refused: after.refused - before.refused,
    found,
    measured,
  };
}

/** Strikes. What goes wrong with that is no reason to end the run: it is found. */
async function struck(stage: FaultStage, fault: Fault, lastsMs: number): Promise<Lifted> {
  try {
    return await fault.strike(stage, lastsMs);
  } catch (error) {
    return { overAtMs: Date.now(), found: [error instanceof Error ? error.message : String(error)] };
  }
}

/** What must not be, in words; none when all is well but for the time that it took. */
export function faultsOf({ accounts, found }: Round): string[] {
  return [...ZEROS.filter((zero) => accounts[zero] !== 0).map((zero) => `${zero}: ${accounts[zero]}`), ...found];
}

export const isSlow = ({ recoveryMs = 0 }: Round): boolean => recoveryMs > RECOVERY_LIMIT_MS;
