/** What no pairing may have: a forbidden pair. */
export const FORBIDDEN = Number.NEGATIVE_INFINITY;

/**
 * The one-to-one pairing of rows and columns with the greatest total worth. A pair worth nothing or less is never made,
 * so rows and columns may stay alone. Shortest augmenting paths with dual prices: R. Jonker, A. Volgenant, "A shortest
 * augmenting path algorithm for dense and sparse linear assignment problems" (Computing 38, 1987), in the rectangular
 * form of D. F. Crouse, "On implementing 2D rectangular assignment algorithms" (IEEE Trans. Aerospace and Electronic
 * Systems 52, 2016). O(r² c) for r ≤ c. The same matrix gives the same pairing.
 *
 * @param worth of row and column; called once a pair. A worth must not be NaN.
 * @returns for each row its column, or -1
 */
export function bestAssignment(
  rows: number,
  columns: number,
  worth: (row: number, column: number) => number,
): Int32Array {
  if (rows > columns)
    return inverted(
      bestAssignment(columns, rows, (column, row) => worth(row, column)),
      rows,
    );
  const cost = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) cost[row * columns + column] = -Math.max(0, worth(row, column));
  }
  const columnOf = cheapestRows(rows, columns, cost);
  return columnOf.map((column, row) => ((cost[row * columns + column] as number) < 0 ? column : -1));
}

function inverted(columnOf: Int32Array, columns: number): Int32Array {
  const rowOf = new Int32Array(columns).fill(-1);
  columnOf.forEach((column, row) => {
    if (column >= 0) rowOf[column] = row;
  });
  return rowOf;
}

/** Gives every row a column at the least total cost; rows ≤ columns. */
function cheapestRows(rows: number, columns: number, cost: Float64Array): Int32Array {
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  const columnOf = new Int32Array(rows).fill(-1);
  const rowOf = new Int32Array(columns).fill(-1);
  const reachedFrom = new Int32Array(columns);
  const pathCost = new Float64Array(columns);
  const settled = new Uint8Array(columns);
  const settledColumns = new Int32Array(columns);

  for (let start = 0; start < rows; start++) {
    pathCost.fill(Number.POSITIVE_INFINITY);
    settled.fill(0);
    let settledCount = 0;
    let row = start;
    let shortest = 0;
    for (;;) {
      let nearest = -1;
      let nearestCost = Number.POSITIVE_INFINITY;
      const base = shortest - (rowPrice[row] as number);
      for (let column = 0; column < columns; column++) {
        if (settled[column]) continue;
        const through = base + (cost[row * columns + column] as number) - (columnPrice[column] as number);
        if (through < (pathCost[column] as number)) {
          pathCost[column] = through;
          reachedFrom[column] = row;
        }
        const known = pathCost[column] as number;
        if (known < nearestCost || (known === nearestCost && rowOf[column] === -1 && rowOf[nearest] !== -1)) {
          nearestCost = known;
          nearest = column;
        }
      }
      shortest = nearestCost;
      settled[nearest] = 1;
      settledColumns[settledCount++] = nearest;
      if (rowOf[nearest] === -1) break;
      row = rowOf[nearest] as number;
    }
    const sink = settledColumns[settledCount - 1] as number;
    rowPrice[start] = (rowPrice[start] as number) + shortest;
    for (let n = 0; n < settledCount - 1; n++) {
      const column = settledColumns[n] as number;
      const slack = shortest - (pathCost[column] as number);
      const owner = rowOf[column] as number;
      rowPrice[owner] = (rowPrice[owner] as number) + slack;
      columnPrice[column] = (columnPrice[column] as number) - slack;
    }
    for (let column = sink; ; ) {
      const owner = reachedFrom[column] as number;
      rowOf[column] = owner;
      const previous = columnOf[owner] as number;
      columnOf[owner] = column;
      if (owner === start) break;
      column = previous;
    }
  }
  return columnOf;
}
