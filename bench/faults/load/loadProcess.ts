import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Harvest, LoadPlan, Order, Pulse, Report } from "./loadMessages.ts";

const PROGRAM = fileURLToPath(new URL("load.ts", import.meta.url));

/** The process that speaks for all cars of a run. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #pulse: Pulse | undefined;

  private constructor() {
    // "advanced": it tells its harvest in typed arrays.
    this.#child = spawn(process.execPath, [PROGRAM], {
      detached: true,
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "advanced",
    });
    this.#child.on("message", (report: Report) => {
      if (report.kind === "pulse") this.#pulse = report.pulse;
    });
  }

  /** Starts it, with its cars still. @throws Error when it ends instead */
  static async start(plan: LoadPlan): Promise<LoadProcess> {
    const load = new LoadProcess();
    load.#send({ kind: "start", plan });
    await load.#hears("pulse");
    return load;
  }

  /** How it went last; ten times a second anew. */
  get pulse(): Pulse {
    if (this.#pulse === undefined) throw new Error("the load has not been started");
    return this.#pulse;
  }

  /** The next pulse. @throws Error when the process ends instead */
  async nextPulse(): Promise<Pulse> {
    return (await this.#hears("pulse")).pulse;
  }

  go(): void {
    this.#send({ kind: "go" });
  }

  /** Says nothing new, and brings to its end what is open. */
  hold(): void {
    this.#send({ kind: "hold" });
  }

  /** Measures the longest silence anew. */
  begin(): void {
    this.#send({ kind: "begin" });
  }

  /** What its cars were told since the last time. */
  async harvest(): Promise<Harvest> {
    const harvested = this.#hears("harvest");
    this.#send({ kind: "harvest" });
    return (await harvested).harvest;
  }

  #send(order: Order): void {
    this.#child.send(order);
  }

  #hears<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Report, { kind: Kind }>>();
    const onMessage = (report: Report) => {
      if (report.kind === kind) resolve(report as Extract<Report, { kind: Kind }>);
    };
    const onExit = (code: number | null) => reject(new Error(`the load ended with exit code ${code}`));
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
