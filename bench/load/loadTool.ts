import { fileURLToPath } from "node:url";
import { SteeredProcess } from "../steeredProcess.ts";
import { Latencies } from "./latencies.ts";
import type { LoadAnswer, LoadCounts, LoadOrder, LoadPlan, LoadSample, LoadShare, Pace } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));
/** What is sent is answered within this, however slow the machine is. */
const DRAIN_MS = 120_000;

type LoadProcess = SteeredProcess<LoadOrder, LoadAnswer>;

/** What all load processes counted in the same span. */
export interface Sample extends Omit<LoadSample, "latencies"> {
  latencies: Latencies;
}

/** The processes that speak for the cars, steered from here. Disposing kills them. */
export class LoadTool implements AsyncDisposable {
  readonly #processes: LoadProcess[];

  private constructor(processes: LoadProcess[]) {
    this.#processes = processes;
  }

  /** Starts so many processes, which share the plan's connections and streams. Resolves when all streams are open. */
  static async open(plan: LoadPlan, processes = 1): Promise<LoadTool> {
    const tool = new LoadTool(
      Array.from({ length: processes }, () => new SteeredProcess<LoadOrder, LoadAnswer>(PROGRAM)),
    );
    try {
      await tool.#all((process, n) => process.tell({ kind: "open", share: shareOf(plan, n, processes) }));
      return tool;
    } catch (error) {
      await tool[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  async start(pace: Pace): Promise<void> {
    const share = pace.kind === "open" ? { ...pace, perSecond: pace.perSecond / this.#processes.length } : pace;
    await this.#all((process) => process.tell({ kind: "start", pace: share }));
  }

  /** What was counted since the last sample, or the start. */
  async sample(): Promise<Sample> {
    const answers = await this.#all((process) => process.tell({ kind: "mark" }));
    const samples = answers.map(({ sample }) => sample);
    const sum = (count: (sample: LoadSample) => number) => samples.reduce((total, each) => total + count(each), 0);
    return {
      sent: sum(({ sent }) => sent),
      acked: sum(({ acked }) => acked),
      spanMs: sum(({ spanMs }) => spanMs) / samples.length,
      cpuMs: sum(({ cpuMs }) => cpuMs),
      latencies: samples.reduce((all, { latencies }) => all.add(latencies), new Latencies()),
    };
  }

  /** Sends nothing new, and waits until all that was sent is answered. @returns what was counted since the streams opened */
  async stop(): Promise<LoadCounts> {
    const answers = await this.#all((process) => process.tell({ kind: "stop", drainMs: DRAIN_MS }));
    const sum = (name: keyof LoadCounts) => answers.reduce((total, { counts }) => total + counts[name], 0);
    return {
      sent: sum("sent"),
      acked: sum("acked"),
      rejected: sum("rejected"),
      wrong: sum("wrong"),
      failed: sum("failed"),
      streamsLost: sum("streamsLost"),
    };
  }

  /** Ends the streams as a client does that has nothing more to say. */
  async close(): Promise<void> {
    await this.#all((process) => process.tell({ kind: "close" }));
  }

  #all<Answer>(tell: (process: LoadProcess, n: number) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#processes.map(tell));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all((process) => process[Symbol.asyncDispose]());
  }
}

/** The n-th of some equal shares, in streams and connections. */
function shareOf(plan: LoadPlan, n: number, processes: number): LoadShare {
  const from = (whole: number, part: number) => Math.floor((whole * part) / processes);
  const part = (whole: number) => from(whole, n + 1) - from(whole, n);
  const carsAStream = plan.gateway?.cars ?? 1;
  return {
    ...plan,
    connections: part(plan.connections),
    streams: part(plan.streams),
    firstCar: from(plan.streams, n) * carsAStream,
  };
}
