import type { Figure } from "./figure.ts";
import { ingestionFigures } from "./ingestion.ts";

/** All figures, in the order in which they are measured and told. */
export const FIGURES: readonly Figure[] = [...ingestionFigures];
