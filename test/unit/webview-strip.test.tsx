// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { densities } from "../../webview/apps/timeline/strip-density.ts";
import { Strip } from "../../webview/apps/timeline/strip.tsx";
import type { StripMark } from "../../webview/protocol/timeline.ts";

afterEach(cleanup);

const width = 1_000;

function marksOf(kind: StripMark["kind"], count: number, fromMs = 0): StripMark[] {
  return Array.from({ length: count }, (_, i) => ({ atMs: fromMs + i * 1_000, kind, row: i }));
}

function draw(marks: readonly StripMark[]): Element {
  return render(<Strip points={[]} marks={marks} onRow={() => undefined} />).container;
}

const heights = (strip: Element, kind: string) =>
  [...strip.querySelectorAll(`.strip-bar.${kind}`)].map((bar) =>
    Number(bar.getAttribute("height")),
  );

test("a few marks are ticks, edits above and failures below", () => {
  const strip = draw([...marksOf("edit", 3), ...marksOf("failure", 2, 9_000)]);
  const y = (kind: string) =>
    [...strip.querySelectorAll(`.strip-tick.${kind}`)].map((tick) =>
      Number(tick.getAttribute("y2")),
    );
  expect(strip.querySelectorAll(".strip-bar")).toHaveLength(0);
  expect(y("edit")).toHaveLength(3);
  expect(Math.max(...y("edit"))).toBeLessThan(Math.min(...y("failure")));
});

test("hundreds of failures stay apart, and show where there were more of them", () => {
  const rare = marksOf("failure", 30).map((mark, i) => ({ ...mark, atMs: i * 30_000 }));
  const strip = draw([...rare, ...marksOf("failure", 570, 900_000)]);
  const bars = [...strip.querySelectorAll(".strip-bar.failure")];
  const spans = bars.map((bar) => [
    Number(bar.getAttribute("x")),
    Number(bar.getAttribute("width")),
  ]);
  for (const [i, [x = 0, wide = 0]] of spans.entries()) {
    const next = spans[i + 1]?.[0] ?? width;
    expect(x + wide).toBeLessThan(next);
  }
  const all = heights(strip, "failure");
  expect(all.at(-2)).toBeGreaterThan((all[1] ?? 0) * 2);
  expect(strip.querySelector("svg")?.getAttribute("aria-label")).toContain("600 failures");
});

test("commits and compactions keep their own lines among hundreds of marks", () => {
  const strip = draw([
    ...marksOf("edit", 300),
    ...marksOf("commit", 2),
    ...marksOf("compaction", 1),
  ]);
  expect(strip.querySelectorAll(".strip-tick.commit")).toHaveLength(2);
  expect(strip.querySelectorAll(".strip-tick.compaction")).toHaveLength(1);
  expect(strip.querySelectorAll(".strip-tick.edit")).toHaveLength(0);
});

test("what happened once shows beside what happened often", () => {
  const marks = [
    { x: 10, kind: "edit" } as const,
    ...Array.from({ length: 500 }, () => ({ x: 990, kind: "failure" }) as const),
  ];
  const [first, last, ...rest] = densities(marks, width);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ edits: 0.15, failures: 0 });
  expect(last).toMatchObject({ edits: 0, failures: 1 });
});
