import { bookingFigure } from "./booking.ts";
import { drainFigures } from "./drain.ts";
import type { Figure } from "./figure.ts";
import { growthFigures } from "./growth.ts";
import { idleConnectionsFigure } from "./idleConnections.ts";
import { ingestionFigures } from "./ingestion.ts";
import { latencyFigure } from "./latency.ts";
import { librariesFigure } from "./libraryFloors.ts";
import { wholeThreadFigures } from "./wholeThread.ts";

/** All figures, in the order in which they are measured and told. */
export const FIGURES: readonly Figure[] = [
  librariesFigure,
  ...ingestionFigures,
  ...wholeThreadFigures,
  ...drainFigures,
  latencyFigure,
  idleConnectionsFigure,
  bookingFigure,
  ...growthFigures,
];
