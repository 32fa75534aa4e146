import { describe, expect, test } from "vitest";

import type { Engine } from "../../capture/api.ts";
import { quietOp } from "../../capture/base/op.ts";
import type { TimelineHead } from "../../capture/model/timeline.ts";
import { locateStep } from "../../extension/views/locate-step.ts";
import type { TimelineRow } from "../../webview/protocol/timeline.ts";
import { foldRow, stepRow, turnRow } from "../support/fake-timeline-host.ts";

const stepsATurn = 50;

/** `turns` prompts; each answers with a fold of two reads and then single commands. */
function session(turns: number): TimelineRow[] {
  return Array.from({ length: turns }, (_, turn) => turnOf(turn)).flat();
}

function turnOf(turn: number): TimelineRow[] {
  const first = turn * stepsATurn;
  const reads = [stepRow(first + 1, "a.js"), stepRow(first + 2, "b.js")];
  const single = Array.from({ length: stepsATurn - 3 }, (_, i) => stepRow(first + 3 + i, "ls"));
  return [turnRow(turn, "Go on.", first), foldRow(`f${first}`, reads), ...single];
}

/** Asks for one step; gives its place and how many pages that took. */
async function check(rows: readonly TimelineRow[], step: number | string) {
  let pages = 0;
  const engine = {
    timelineRows: (_: unknown, { from, count }: { from: number; count: number }) => {
      pages++;
      return Promise.resolve({ version: 1, from, rows: rows.slice(from, from + count) });
    },
  };
  const head = {
    rowCount: rows.length,
    turnRows: rows.flatMap((row, i) => (row.type === "turn" ? [i] : [])),
  };
  const view = { trace: "claude-code:x", filter: "all", query: "" } as const;
  const place = await locateStep(
    quietOp(),
    // Safe: it asks an engine for rows only, and reads two members of the head.
    engine as unknown as Engine,
    { ...view, head: head as unknown as TimelineHead },
    step,
  );
  return { place, pages };
}

describe("the row of a step", () => {
  const rows = session(400);

  test("is found in few pages, however long the session is", async () => {
    const { place, pages } = await check(rows, 9_977);
    expect(place).toEqual({ row: rows.findIndex((row) => row.id === "s9977"), child: -1 });
    expect(pages).toBeLessThan(15);
  });

  test("is the child of the fold that holds it", async () => {
    const { place } = await check(rows, 5_002);
    expect(place).toEqual({ row: rows.findIndex((row) => row.id === "f5000"), child: 1 });
  });

  test("of a prompt is its card", async () => {
    expect((await check(rows, 0)).place).toEqual({ row: 0, child: -1 });
  });

  test("of a sub-agent is looked for in all rows", async () => {
    const child = { ...stepRow(1, "ls"), step: "a1:3" };
    const place = (await check([...rows, foldRow("last", [child])], "a1:3")).place;
    expect(place).toEqual({ row: rows.length, child: 0 });
  });

  test("is null where a filter leaves it out, and in an empty list", async () => {
    expect((await check(rows.slice(0, 60), 9_000)).place).toBeNull();
    expect((await check([], 3)).place).toBeNull();
  });
});
