import { ChildProgram, type Said } from "./childProgram.ts";

/** What a program tells its parent when it could not do what it was told. */
interface Failed {
  kind: "failed";
  why: string;
}

/** A program of the benchmarks in a process of its own, told what to do, one thing at a time. Disposing kills it. */
export class SteeredProcess<Order extends Said, Answer extends Said> implements AsyncDisposable {
  readonly #child: ChildProgram<Order, Answer | Failed>;
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
    this.#child = new ChildProgram(program);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Gives an order, one at a time, and waits until it is done. @throws Error when it fails or the process ends instead */
  async tell<OneKind extends Order["kind"]>(
    order: Extract<Order, { kind: OneKind }>,
  ): Promise<Extract<Answer, { kind: OneKind }>> {
    const answered = this.#child.hearsNext();
    this.#child.send(order);
    const answer = await answered;
    if (answer.kind === "failed")
      throw new Error(`${this.#program} could not ${order.kind}: ${(answer as Failed).why}`);
    return answer as Extract<Answer, { kind: OneKind }>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

/** The other side: does what the parent says, until the parent is gone. */
export function obeyParent<Order extends Said, Answer extends Said>(obey: (order: Order) => Promise<Answer>): void {
  const tell = (answer: Answer | Failed) => void process.send?.(answer);
  process.on("message", (order: Order) => {
    obey(order).then(tell, (error: unknown) => {
      tell({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
    });
  });
  process.on("disconnect", () => process.exit());
}
