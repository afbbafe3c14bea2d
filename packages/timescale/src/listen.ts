import { backoffMs, endedWithin, type Logger, pause } from "@greenlane/runtime";
import pg from "pg";

const CONNECT_TIMEOUT_MS = 3_000;
const RECONNECT_WAIT = { baseMs: 100, maxMs: 2_000 };
/** A server that hangs, or a connection that was cut without a word, is noticed by a question so often. */
const ASK_EVERY_MS = 2_000;
const ANSWER_TIMEOUT_MS = 3_000;
const END_TIMEOUT_MS = 1_000;

/**
 * Tells of notifications of the database, over a connection of its own that it renews for ever. What was notified while
 * it was away is not told: so it also tells of each channel whenever it has connected, and whoever listens looks then.
 */
export function listen(
  databaseUrl: string,
  channels: string[],
  onNotify: (channel: string) => void,
  logger: Logger,
): AsyncDisposable {
  const closing = new AbortController();

  async function listenUntilBroken(onConnected: () => void): Promise<void> {
    const session = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    const broken = new AbortController();
    session.on("error", (error) => broken.abort(error));
    session.on("end", () => broken.abort(new Error("the connection ended")));
    session.on("notification", ({ channel }) => onNotify(channel));
    try {
      await session.connect();
      for (const channel of channels) await session.query(`LISTEN ${session.escapeIdentifier(channel)}`);
      onConnected();
      for (const channel of channels) onNotify(channel);
      const either = AbortSignal.any([closing.signal, broken.signal]);
      while (!closing.signal.aborted) {
        broken.signal.throwIfAborted();
        await session.query("SELECT");
        await pause(ASK_EVERY_MS, either);
      }
    } finally {
      await endedWithin(END_TIMEOUT_MS, session.end());
    }
  }

  async function listenOn(): Promise<void> {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await listenUntilBroken(() => {
          if (attempt > 0) logger.info({ channels }, "listening to the database again");
          attempt = 0;
        });
      } catch (err) {
        if (attempt === 0) logger.warn({ err, channels }, "the database tells nothing now; trying on");
        await pause(backoffMs(attempt, RECONNECT_WAIT), closing.signal);
      }
    }
  }
  const listening = listenOn();

  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await listening;
    },
  };
}
