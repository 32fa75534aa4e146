/** Where the focus is: a row, and a child of it if that row is a group that is open. */
export interface Cursor {
  readonly row: number;
  /** -1 is the row itself. */
  readonly child: number;
}

export type Move = "up" | "down" | "home" | "end" | "previous-turn" | "next-turn";

export interface Shape {
  readonly rowCount: number;
  /** Ascending. */
  readonly turnRows: readonly number[];
  /** Children in view below a row; 0 for a closed group and for every other row. */
  openChildren(row: number): number;
}

/** Moves within the list and stops at its ends. */
export function moveCursor(cursor: Cursor, move: Move, shape: Shape): Cursor {
  const lastRow = shape.rowCount - 1;
  switch (move) {
    case "home":
      return { row: 0, child: -1 };
    case "end":
      return { row: lastRow, child: shape.openChildren(lastRow) - 1 };
    case "up":
      if (cursor.child >= 0) return { row: cursor.row, child: cursor.child - 1 };
      if (cursor.row === 0) return cursor;
      return { row: cursor.row - 1, child: shape.openChildren(cursor.row - 1) - 1 };
    case "down":
      if (cursor.child + 1 < shape.openChildren(cursor.row)) {
        return { row: cursor.row, child: cursor.child + 1 };
      }
      return cursor.row >= lastRow ? cursor : { row: cursor.row + 1, child: -1 };
    case "previous-turn": {
      const before = shape.turnRows.filter((row) => row < cursor.row || isInside(cursor, row));
      return { row: before.at(-1) ?? 0, child: -1 };
    }
    case "next-turn": {
      const after = shape.turnRows.find((row) => row > cursor.row);
      return after === undefined ? { row: lastRow, child: -1 } : { row: after, child: -1 };
    }
  }
}

function isInside(cursor: Cursor, row: number): boolean {
  return row === cursor.row && cursor.child >= 0;
}
