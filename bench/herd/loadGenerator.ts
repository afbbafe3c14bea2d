import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order, Report } from "./generatorMessages.ts";

type Prepare = Extract<Order, { kind: "prepare" }>;
type Ask = Extract<Order, { kind: "ask" }>;
type Settled = Extract<Report, { kind: "settled" }>;

const PROGRAM = fileURLToPath(new URL("generator.ts", import.meta.url));

/** The process that speaks for a herd's cars. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ["ignore", 2, 2, "ipc"] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when all streams are open. @throws Error when it ends instead */
  async prepare(order: Omit<Prepare, "kind">): Promise<void> {
    this.#send({ kind: "prepare", ...order });
    await this.#hears("prepared");
  }

  /**
   * Resolves when the cars begin to ask, with the moment, and with what resolves when every car has its answer, or the
   * time is over. @throws Error when it ends instead
   */
  async ask(order: Omit<Ask, "kind">): Promise<{ askedAtMs: number; settled: Promise<Settled> }> {
    const settled = this.#hears("settled");
    settled.catch(() => undefined); // whoever waits for it is told
    const asking = this.#hears("asking");
    this.#send({ kind: "ask", ...order });
    return { askedAtMs: (await asking).askedAtMs, settled };
  }

  #send(order: Order): void {
    this.#child.send(order);
  }

  #hears<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Report, { kind: Kind }>>();
    const onMessage = (report: Report) => {
      if (report.kind === kind) resolve(report as Extract<Report, { kind: Kind }>);
    };
    const onExit = (code: number | null) => reject(new Error(`the load generator ended with exit code ${code}`));
    this.#child.on("message", onMessage).on("exit", onExit);
    return promise.finally(() => this.#child.off("message", onMessage).off("exit", onExit));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}
