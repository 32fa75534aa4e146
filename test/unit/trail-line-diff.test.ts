import { expect, test } from "vitest";
import {
  addNormalisedMatches,
  diffLines,
  endsWithoutNewline,
  matchLines,
  normalisedLine,
  splitLines,
} from "../../capture/trail/line-diff.ts";

function check(before: string, after: string, hunks: readonly string[]): void {
  const found = diffLines(before.split("|"), after.split("|")).map(
    (hunk) => `-${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines}`,
  );
  expect(found).toEqual(hunks);
}

test("hunks are numbered as diff -U0 numbers them", () => {
  check("a|b|c", "a|b|c", []);
  check("a|b|c", "a|x|c", ["-2,1 +2,1"]);
  check("a|c", "a|b|c", ["-1,0 +2,1"]);
  check("b|c", "a|b|c", ["-0,0 +1,1"]);
  check("a|b|c", "a|c", ["-2,1 +1,0"]);
  check("a|b", "b", ["-1,1 +0,0"]);
});

test("an added function is a whole function, not the end of one and half of the next", () => {
  check("f{| a|}", "f{| a|}|g{| b|}", ["-3,0 +4,3"]);
  check("f{| a|}||h{| c|}", "f{| a|}||g{| b|}||h{| c|}", ["-4,0 +5,4"]);
});

test("an added comment block keeps its own opening line", () => {
  check("/**| * a| */|f", "/**| * b| */|g||/**| * a| */|f", ["-0,0 +1,5"]);
});

test("two changes that could slide into each other stay apart", () => {
  check("x|a|a|y", "x|a|a|a|a|y", ["-3,0 +4,2"]);
  check("a|-|a", "a|a|-|a|a", ["-0,0 +1,1", "-3,0 +5,1"]);
});

test("a text splits into lines by newlines alone", () => {
  expect(splitLines("")).toEqual([]);
  expect(splitLines("\n")).toEqual([""]);
  expect(splitLines("a\r\nb")).toEqual(["a\r", "b"]);
  expect(splitLines("a\n\n")).toEqual(["a", ""]);
  expect([endsWithoutNewline(""), endsWithoutNewline("a\n"), endsWithoutNewline("a")]).toEqual([
    false,
    false,
    true,
  ]);
});

test("white space and the kind of quotes are a formatter's; a token is not", () => {
  const same = (left: string, right: string): boolean =>
    normalisedLine(left) === normalisedLine(right);
  expect(same("  if(a){", "\tif (a) {")).toBe(true);
  expect(same("x = 'y';\r", 'x = "y";')).toBe(true);
  expect(same("return x", "returnx")).toBe(false);
  expect(same("f(a)", "f(a);")).toBe(false);
});

test("the normalised pass pairs re-indented lines inside a hunk and says which", () => {
  const before = ["a", "x=1", "", "y=2", "z"];
  const after = ["a", "  x = 1", "", "  y = 3", "z"];
  const extended = addNormalisedMatches(matchLines(before, after), before, after);
  expect([...extended.matchOf]).toEqual([0, 1, 2, -1, 4]);
  expect(extended.reformatted).toEqual([1]);
});

test("a rewrite of 50,000 lines is diffed in bounded time", () => {
  const before = Array.from({ length: 50_000 }, (_, index) => `line ${index % 977} of it`);
  const after = before
    .map((line, index) => (index % 3 === 0 ? `${line} again` : line))
    .toReversed();
  const startMs = performance.now();
  const hunks = diffLines(before, after);
  expect(hunks.length).toBeGreaterThan(0);
  expect(performance.now() - startMs).toBeLessThan(5_000);
});
