import { fileURLToPath } from "node:url";
import { ChildProgram } from "../../childProgram.ts";
import type { Harvest, LoadPlan, Order, Pulse, Report } from "./loadMessages.ts";

const PROGRAM = fileURLToPath(new URL("load.ts", import.meta.url));

/** The process that speaks for all cars of a run. */
export class LoadProcess implements AsyncDisposable {
  readonly #child = new ChildProgram<Order, Report>(PROGRAM);
  #pulse: Pulse | undefined;

  private constructor() {
    this.#child.onReport((report) => {
      if (report.kind === "pulse") this.#pulse = report.pulse;
    });
  }

  /** Starts it, with its cars still. @throws Error when it ends instead */
  static async start(plan: LoadPlan): Promise<LoadProcess> {
    const load = new LoadProcess();
    load.#child.send({ kind: "start", plan });
    await load.#child.hears("pulse");
    return load;
  }

  /** How it went last; ten times a second anew. */
  get pulse(): Pulse {
    if (this.#pulse === undefined) throw new Error("the load has not been started");
    return this.#pulse;
  }

  /** The next pulse. @throws Error when the process ends instead */
  async nextPulse(): Promise<Pulse> {
    return (await this.#child.hears("pulse")).pulse;
  }

  go(): void {
    this.#child.send({ kind: "go" });
  }

  /** Says nothing new, and brings to its end what is open. */
  hold(): void {
    this.#child.send({ kind: "hold" });
  }

  /** Measures the longest silence anew. */
  begin(): void {
    this.#child.send({ kind: "begin" });
  }

  /** What its cars were told since the last time. */
  async harvest(): Promise<Harvest> {
    const harvested = this.#child.hears("harvest");
    this.#child.send({ kind: "harvest" });
    return (await harvested).harvest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
