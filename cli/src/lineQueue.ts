import type { Output } from "./output.ts";

/**
 * Lines that may wait for a slow reader. At a terminal few, so that the word about what is missing is not far up when it
 * moves again; for a program more than one answer of the log holds, so that a fast one misses nothing.
 */
export const MAX_WAITING_LINES = { terminal: 500, program: 10_000 };
/** Little is under way at once, so that a reader who comes back soon meets what is new. */
const LINES_A_WRITE = 100;

export interface LineQueueOptions {
  /** The words about lines that were dropped, put where they are missing; "" where these are said elsewhere. */
  gap: (lines: number) => string;
  /** The output failed; nothing more is written. */
  onFailure: (error: unknown) => void;
}

/**
 * Lines on their way to a reader. They never wait for him: where he is slow the oldest of those that wait are dropped
 * and counted, so that he finds the newest, and memory is bounded.
 */
export class LineQueue {
  readonly #output: Output;
  readonly #options: LineQueueOptions;
  readonly #maxWaiting: number;
  #waiting: string[] = [];
  #droppedInARow = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;
  #failed = false;

  constructor(output: Output, options: LineQueueOptions) {
    this.#output = output;
    this.#options = options;
    this.#maxWaiting = output.isTerminal ? MAX_WAITING_LINES.terminal : MAX_WAITING_LINES.program;
  }

  push(line: string): void {
    if (this.#failed) return;
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#waiting.shift();
      this.#droppedInARow++;
      this.#dropped++;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#write();
  }

  /** Lines that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether who wants nothing dropped should let what waits leave first. */
  get isFilling(): boolean {
    return this.#waiting.length >= this.#maxWaiting / 2;
  }

  /** Resolves when nothing waits any more. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      await Promise.resolve(); // what this turn of the event loop brings goes along
      while (this.#waiting.length > 0) {
        let text = "";
        if (this.#droppedInARow > 0) text = this.#options.gap(this.#droppedInARow);
        this.#droppedInARow = 0;
        for (const line of this.#waiting.splice(0, LINES_A_WRITE)) text += `${line}\n`;
        await this.#output.write(text);
      }
    } catch (error) {
      this.#failed = true;
      this.#waiting = [];
      this.#options.onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }
}
