import { describe, expect, test } from "vitest";

import { type Cursor, type Move, moveCursor } from "../../webview/apps/timeline/cursor.ts";

// Row 0 and 5 are turns; row 2 is an open group with two children.
const shape = {
  rowCount: 7,
  turnRows: [0, 5],
  openChildren: (row: number) => (row === 2 ? 2 : 0),
};

function check(from: Cursor, move: Move, to: Cursor): void {
  expect(moveCursor(from, move, shape)).toEqual(to);
}

describe("the cursor of the timeline", () => {
  test("goes down into an open group and out of it again", () => {
    check({ row: 2, child: -1 }, "down", { row: 2, child: 0 });
    check({ row: 2, child: 1 }, "down", { row: 3, child: -1 });
  });

  test("goes up to the last child of an open group", () => {
    check({ row: 3, child: -1 }, "up", { row: 2, child: 1 });
    check({ row: 2, child: 0 }, "up", { row: 2, child: -1 });
  });

  test("stops at both ends", () => {
    check({ row: 0, child: -1 }, "up", { row: 0, child: -1 });
    check({ row: 6, child: -1 }, "down", { row: 6, child: -1 });
    check({ row: 3, child: -1 }, "home", { row: 0, child: -1 });
    check({ row: 3, child: -1 }, "end", { row: 6, child: -1 });
  });

  test("jumps between turns, and to the end after the last one", () => {
    check({ row: 3, child: -1 }, "previous-turn", { row: 0, child: -1 });
    check({ row: 5, child: -1 }, "previous-turn", { row: 0, child: -1 });
    check({ row: 3, child: -1 }, "next-turn", { row: 5, child: -1 });
    check({ row: 5, child: -1 }, "next-turn", { row: 6, child: -1 });
  });
});
