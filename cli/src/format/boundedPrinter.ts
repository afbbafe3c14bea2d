import type { Writable } from "node:stream";

export interface BoundedPrinter {
  /** Prints a line, or drops it when the terminal is behind; what was dropped is said when it has caught up. */
  print(line: string): void;
  dropped(): number;
}

/** Never holds more than the stream's own buffer: a slow terminal costs lines, not memory, and hears how many. */
export function boundedPrinter(stream: Writable): BoundedPrinter {
  let droppedInARow = 0;
  let dropped = 0;
  return {
    print(line) {
      if (stream.writableNeedDrain) {
        droppedInARow++;
        dropped++;
        return;
      }
      if (droppedInARow > 0) stream.write(`… ${droppedInARow} events not shown: this terminal is too slow\n`);
      droppedInARow = 0;
      stream.write(`${line}\n`);
    },
    dropped: () => dropped,
  };
}
