import { fileURLToPath } from "node:url";
import { ChildProgram } from "../childProgram.ts";
import type { Order, Report } from "./generatorMessages.ts";

type Prepare = Extract<Order, { kind: "prepare" }>;
type Ask = Extract<Order, { kind: "ask" }>;
type Settled = Extract<Report, { kind: "settled" }>;

const PROGRAM = fileURLToPath(new URL("generator.ts", import.meta.url));

/** The process that speaks for a herd's cars. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child = new ChildProgram<Order, Report>(PROGRAM);

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when all streams are open. @throws Error when it ends instead */
  async prepare(order: Omit<Prepare, "kind">): Promise<void> {
    this.#child.send({ kind: "prepare", ...order });
    await this.#child.hears("prepared");
  }

  /**
   * Resolves when the cars begin to ask, with the moment, and with what resolves when every car has its answer, or the
   * time is over. @throws Error when it ends instead
   */
  async ask(order: Omit<Ask, "kind">): Promise<{ askedAtMs: number; settled: Promise<Settled> }> {
    const settled = this.#child.hears("settled");
    settled.catch(() => undefined); // whoever waits for it is told
    const asking = this.#child.hears("asking");
    this.#child.send({ kind: "ask", ...order });
    return { askedAtMs: (await asking).askedAtMs, settled };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
