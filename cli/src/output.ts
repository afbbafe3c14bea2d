import { constants, fstatSync, openSync, write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isatty } from "node:tty";
import { promisify } from "node:util";

/** Nobody reads what is written any more. */
export class OutputClosed extends Error {
  override name = "OutputClosed";
}

/** What is written could not be kept: the disk is full, or worse. */
export class OutputFailed extends Error {
  override name = "OutputFailed";
}

/** Where a command's words go. Never blocks the process, however slow the one who reads is. */
export interface Output {
  readonly isTerminal: boolean;
  /** Resolves when the text has left this process; texts leave in order. @throws OutputClosed, OutputFailed */
  write(text: string): Promise<void>;
}

/**
 * Opens standard output or error. Node writes to a terminal synchronously, so that one that is stopped (Ctrl-S) or slow
 * stops the process with it; here it is opened a second time, without blocking and without changing how others of its
 * users write. Pipes and sockets do not block in Node. A file does not wait for a reader.
 */
export function openOutput(stream: NodeJS.WriteStream & { fd: 1 | 2 }): Output {
  const { fd } = stream;
  if (isatty(fd)) {
    const own = reopened(fd);
    if (own !== undefined) return descriptorOutput(own, true);
  } else if (fstatSync(fd).isFile()) return descriptorOutput(fd, false);
  return streamOutput(stream);
}

/** undefined where the terminal belongs to another user, as after `su`: it may be used, not opened. */
function reopened(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

const CLOSED_CODES = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code ?? "";

function asFailure(error: unknown): OutputClosed | OutputFailed {
  if (CLOSED_CODES.has(codeOf(error))) return new OutputClosed("nobody reads any more", { cause: error });
  return new OutputFailed(`the output cannot be written: ${error instanceof Error ? error.message : error}`);
}

function streamOutput(stream: NodeJS.WriteStream): Output {
  stream.on("error", () => undefined); // the write that failed says so itself
  return {
    isTerminal: stream.isTTY === true,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(asFailure(error)) : resolve()));
      }),
  };
}

const writeSome = promisify(write);

/** How often a terminal that takes nothing is tried again: often at first, then less. */
const RETRY_MS = { first: 1, last: 50 };

function descriptorOutput(fd: number, isTerminal: boolean): Output {
  async function writeAll(text: string): Promise<void> {
    let rest = Buffer.from(text);
    let waitMs = RETRY_MS.first;
    while (rest.length > 0) {
      try {
        const { bytesWritten } = await writeSome(fd, rest);
        rest = rest.subarray(bytesWritten);
        waitMs = RETRY_MS.first;
      } catch (error) {
        if (codeOf(error) !== "EAGAIN") throw asFailure(error);
        await sleep(waitMs);
        waitMs = Math.min(waitMs * 2, RETRY_MS.last);
      }
    }
  }
  let last: Promise<void> = Promise.resolve();
  return {
    isTerminal,
    write(text) {
      last = last.then(() => writeAll(text));
      return last;
    },
  };
}
