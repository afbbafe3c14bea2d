import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What is said between a program of the benchmarks and its parent. */
export interface Said {
  kind: string;
}

/** A program of the benchmarks in a process of its own, spoken to in messages. Disposing kills it. */
export class ChildProgram<Order extends Said, Report extends Said> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
    this.#child = spawn(process.execPath, [program], {
      // A terminal's Ctrl-C reaches the parent only.
      detached: true,
      // What it prints is for whoever reads this process's errors.
      stdio: ["ignore", 2, 2, "ipc"],
      // Messages may hold what JSON has no word for, such as typed arrays.
      serialization: "advanced",
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(order: Order): void {
    this.#child.send(order);
  }

  /** Is told of each report that comes. */
  onReport(told: (report: Report) => void): void {
    this.#child.on("message", told);
  }

  /** The next report of a kind. @throws Error when the process ends instead */
  async hears<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    return (await this.hearsNext((report) => report.kind === kind)) as Extract<Report, { kind: Kind }>;
  }

  /** The next report that is waited for; left out: any. @throws Error when the process ends instead */
  hearsNext(isIt: (report: Report) => boolean = () => true): Promise<Report> {
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    const onMessage = (report: Report) => {
      if (isIt(report)) resolve(report);
    };
    const onExit = (code: number | null) => reject(new Error(`${this.#program} ended with exit code ${code}`));
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
