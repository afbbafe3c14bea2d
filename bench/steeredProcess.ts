import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

interface Kind {
  kind: string;
}

/** What a program tells its parent when it could not do what it was told. */
interface Failed {
  kind: "failed";
  why: string;
}

/** A program of the benchmarks in a process of its own, told what to do, one thing at a time. Disposing kills it. */
export class SteeredProcess<Order extends Kind, Answer extends Kind> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
    // What it prints is for whoever reads this process's errors; a terminal's Ctrl-C reaches the parent only.
    this.#child = spawn(process.execPath, [program], { detached: true, stdio: ["ignore", 2, 2, "ipc"] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Gives an order, one at a time, and waits until it is done. @throws Error when it fails or the process ends instead */
  async tell<OneKind extends Order["kind"]>(
    order: Extract<Order, { kind: OneKind }>,
  ): Promise<Extract<Answer, { kind: OneKind }>> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const ended = once(this.#child, "exit", { signal }).then(([code]) => {
      throw new Error(`${this.#program} ended with exit code ${code}`);
    });
    ended.catch(() => undefined); // also when it is waited for no longer
    const answered = once(this.#child, "message", { signal }) as Promise<[Answer | Failed]>;
    answered.catch(() => undefined);
    this.#child.send(order);
    try {
      const [answer] = await Promise.race([answered, ended]);
      if (answer.kind === "failed")
        throw new Error(`${this.#program} could not ${order.kind}: ${(answer as Failed).why}`);
      return answer as Extract<Answer, { kind: OneKind }>;
    } finally {
      waiting.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

/** The other side: does what the parent says, until the parent is gone. */
export function obeyParent<Order extends Kind, Answer extends Kind>(obey: (order: Order) => Promise<Answer>): void {
  const tell = (answer: Answer | Failed) => void process.send?.(answer);
  process.on("message", (order: Order) => {
    obey(order).then(tell, (error: unknown) => {
      tell({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
    });
  });
  process.on("disconnect", () => process.exit());
}
