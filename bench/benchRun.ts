import { type ProgramRun, startOwnServers } from "@greenlane/stage";
import { type BenchConfig, effortOf, isWhole } from "./config.ts";
import type { Effort, Figure, FigureResult, Row } from "./figures/figure.ts";
import { FIGURES } from "./figures/index.ts";
import { Stage } from "./figures/stage.ts";
import { describeMachine, loadNow } from "./machine.ts";
import { type BenchRun, table, withRatios } from "./report.ts";

/** The figures that a configuration asks for. */
export function chosenFigures({ ONLY: only, FULL: full }: Pick<BenchConfig, "ONLY" | "FULL">): Figure[] {
  if (only.length === 0) return FIGURES.filter(({ isLong = false }) => full || !isLong);
  const isName = (part: string) => FIGURES.some(({ name }) => name === part);
  return FIGURES.filter(({ name }) => only.some((part) => (isName(part) ? name === part : name.startsWith(part))));
}

/** Measures one figure after the other, on servers of the run's own. */
export async function runBench(config: BenchConfig, { say, opened }: ProgramRun): Promise<BenchRun> {
  const startedAtMs = Date.now();
  const loadBefore = loadNow();
  const servers = opened.use(await startOwnServers());
  const stage = opened.use(await Stage.open(servers));
  const machine = await describeMachine(servers, stage.database, loadBefore);
  const { rows, faults } = await measureFigures(chosenFigures(config), stage, effortOf(config), say);
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    tookSeconds: Math.round((Date.now() - startedAtMs) / 1_000),
    isWhole: isWhole(config),
    machine,
    rows: withRatios(rows),
    faults,
  };
}

/** Measures figures on a stage. A figure that breaks off is a fault of its own. */
export async function measureFigures(
  figures: readonly Figure[],
  stage: Stage,
  effort: Effort,
  say: (line: string) => void,
): Promise<FigureResult> {
  const rows: Row[] = [];
  const faults: string[] = [];
  for (const figure of figures) {
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
  return { rows, faults };
}
