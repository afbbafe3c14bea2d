import type { ProgramRun } from "@greenlane/stage";
import { type BenchConfig, effortOf, isWhole } from "./config.ts";
import type { Figure, Row } from "./figures/figure.ts";
import { FIGURES } from "./figures/index.ts";
import { Stage } from "./figures/stage.ts";
import { describeMachine, loadNow } from "./machine.ts";
import { type BenchRun, table, withRatios } from "./report.ts";

/** The figures that a configuration asks for. */
export function chosenFigures({ ONLY: only, FULL: full }: Pick<BenchConfig, "ONLY" | "FULL">): Figure[] {
  return FIGURES.filter(({ name, isLong = false }) => {
    const isAskedFor = only.some((part) => name.startsWith(part));
    return only.length === 0 ? full || !isLong : isAskedFor;
  });
}

/** Measures one figure after the other, on servers of the run's own. A figure that breaks off is a fault of its own. */
export async function runBench(config: BenchConfig, { say, opened }: ProgramRun): Promise<BenchRun> {
  const startedAtMs = Date.now();
  const loadBefore = loadNow();
  const stage = opened.use(await Stage.open());
  const machine = await describeMachine(stage.servers, stage.database, loadBefore);
  const effort = effortOf(config);
  const rows: Row[] = [];
  const faults: string[] = [];
  for (const figure of chosenFigures(config)) {
    say(`measuring ${figure.name}`);
    try {
      const result = await figure.run(stage, effort);
      rows.push(...result.rows);
      faults.push(...result.faults.map((fault) => `${figure.name}: ${fault}`));
      if (result.rows.length > 0) say(`\n${table(result.rows)}`);
    } catch (error) {
      faults.push(`${figure.name} broke off: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await stage.stopWorkers();
    }
  }
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    tookSeconds: Math.round((Date.now() - startedAtMs) / 1_000),
    isWhole: isWhole(config),
    machine,
    rows: withRatios(rows),
    faults,
  };
}
