import type { Stage } from "./stage.ts";

/** One line of the table. */
export interface Row {
  /** Names it among all rows of a run, and from run to run. */
  id: string;
  what: string;
  unit: Unit;
  /** Whether a greater value is better, or a smaller one. */
  better: "more" | "less";
  /** What is asked of it: at least so much, or less than so much. */
  mark?: number;
  measured: number;
  /** The same work by the client libraries alone, measured in the same run, in the same unit. */
  floor?: { what: string; value: number };
  /** CPU time an event, µs, by process; of the floor, too. */
  cpuUs: Record<string, number>;
  floorCpuUs?: Record<string, number>;
  /** What else was seen. */
  notes: string[];
}

export type Unit = "events/s" | "rows/s" | "negotiations/s" | "ms" | "MB" | "µs";

export interface FigureResult {
  rows: Row[];
  /** Every way in which the counts do not agree; a run that has one fails. */
  faults: string[];
}

/** How much a figure is to do. */
export interface Effort {
  /** Of each of the pieces that are measured in turn, s. */
  pieceSeconds: number;
  /** Of what is to be sustained, s. */
  sustainedSeconds: number;
  /** Of a backlog. */
  backlogEvents: number;
  /** Of the table that grows large. */
  tableRows: number;
}

/** One or more figures that are measured together. */
export interface Figure {
  /** By which ONLY asks for it. */
  name: string;
  /** Only with FULL=1: it takes minutes. */
  isLong?: boolean;
  run(stage: Stage, effort: Effort): Promise<FigureResult>;
}

/** Measured to floor, greater being better: 1 is as good as the libraries alone. Undefined without a floor. */
export function ratioOf({ measured, floor, better }: Pick<Row, "measured" | "floor" | "better">): number | undefined {
  if (floor === undefined || floor.value === 0 || measured === 0) return undefined;
  return better === "more" ? measured / floor.value : floor.value / measured;
}

/** Whether a row keeps what is asked; undefined where nothing is. */
export function keepsMark({ mark, measured, better }: Pick<Row, "mark" | "measured" | "better">): boolean | undefined {
  if (mark === undefined) return undefined;
  return better === "more" ? measured >= mark : measured < mark;
}
