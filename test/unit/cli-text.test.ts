import { plural } from "../../capture/base/words.ts";
import { expect, test } from "vitest";

import { terminalLine } from "../../capture/cli/render/escape.ts";
import { importLines } from "../../capture/cli/render/import.ts";
import { columnsOf, style } from "../../capture/cli/render/paper.ts";
import { cut, fit, padEnd, widthOf, wrap } from "../../capture/cli/render/width.ts";
import { durationWords, shortCount, sizeWords } from "../../capture/cli/render/words.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

test.each([
  ["plain", 5],
  ["漢字", 4],
  ["한글", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["👩‍👧", 2],
  ["✓ ok", 4],
  ["● ◐ ↩ × ○ … −", 13],
  ["\u001b[31m", 5],
])("%j takes %d columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("text that does not fit ends with a mark and never in half a character", () => {
  expect(fit("a long prompt", 8)).toBe("a long…");
  expect(fit("漢字漢字", 6)).toBe("漢字…");
  expect(fit("漢字漢字", 8)).toBe("漢字漢字");
  expect(fit("two\n  lines\tand", 40)).toBe("two lines and");
  expect(cut("    return 1;", 8)).toBe("    ret…");
  expect(fit("x".repeat(10_000), Number.POSITIVE_INFINITY)).toHaveLength(10_000);
});

test("cells line up where characters are wide", () => {
  expect(
    columnsOf([
      ["漢字", "a"],
      ["abc", "b"],
    ]),
  ).toEqual(["漢字  a", "abc   b"]);
  expect(padEnd("漢", 4)).toBe("漢  ");
});

test("a long line breaks at blanks, a long word anywhere", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  expect(wrap("漢字漢字", 4)).toEqual(["漢字", "漢字"]);
  expect(wrap("", 4)).toEqual([""]);
});

test("colours are ours, closed, and gone where nobody wants them", () => {
  const line = `${style.red("a\u001b[32mb")} c`;
  expect(terminalLine(line, { colour: true })).toBe("\u001b[31ma\\x1b[32mb\u001b[0m c\u001b[0m");
  expect(terminalLine(line, { colour: false })).toBe("a\\x1b[32mb c");
});

test.each([
  ["a pipe", {}, undefined, false],
  ["a terminal", {}, 80, true],
  ["a terminal with NO_COLOR", { NO_COLOR: "1" }, 80, false],
  ["a terminal with an empty NO_COLOR", { NO_COLOR: "" }, 80, true],
  ["a terminal in CI", { CI: "true" }, 80, false],
  ["a dumb terminal", { TERM: "dumb" }, 80, false],
])("%s gets colours or not", async (_, env, columns, hasColours) => {
  const place = { env, engine: engineThatSays("x"), ...(columns === undefined ? {} : { columns }) };
  const run = await runOt(["trace", "show", "3f2a9c"], place);
  expect(run.out.includes("\u001b")).toBe(hasColours);
});

test("lines fit the terminal, and are whole in a pipe", async () => {
  const engine = engineThatSays("word ".repeat(60).trim());
  const terminal = await runOt(["trace", "show", "3f2a9c"], {
    engine,
    columns: 72,
    env: { CI: "1" },
  });
  const list = await runOt(["trace", "list"], { engine, columns: 72, env: { CI: "1" } });
  const steps = `${terminal.out}${list.out}`
    .split("\n")
    .filter((line) => /^ +\d|^▌|^3f2a/u.test(line));
  expect(steps.length).toBeGreaterThan(5);
  for (const line of steps) expect(widthOf(line)).toBeLessThanOrEqual(72);
  const pipe = await runOt(["trace", "list"], { engine });
  expect(pipe.out).toContain("word ".repeat(60).trim());
});

test("a diff into a pipe is the exact patch; at a terminal it is spelled out", async () => {
  const engine = engineThatSays("a\u001bb\r");
  const { patch } = await engine.stepDiff({} as never, { address: "x" });
  expect((await runOt(["trail", "diff", "x"], { engine })).out).toBe(patch);
  expect((await runOt(["trail", "diff", "x"], { engine, columns: 80 })).out).toContain("a\\x1bb");
});

test("counts and sizes are short and the same everywhere", () => {
  expect(plural(1, "step")).toBe("1 step");
  expect(plural(12_345, "step")).toBe("12,345 steps");
  expect([980, 12_345, 999_950, 1_234_567].map(shortCount)).toEqual([
    "980",
    "12.3k",
    "1000k",
    "1.2M",
  ]);
  expect([0, 1_500, 4_500_000].map(sizeWords)).toEqual(["0 B", "1.5 kB", "4.5 MB"]);
  expect([12, 4_200, 120_000, 7_200_000].map(durationWords)).toEqual([
    "12 ms",
    "4.2 s",
    "2 min",
    "2.0 h",
  ]);
});

test("an import that takes nothing in says so, with the reason", () => {
  const message = "The folder cannot be read.";
  const issues = [{ file: "/p", line: 0, offset: 0, rule: "file-unreadable" as const, message }];
  const totals = { sessions: 0, steps: 0, bytes: 0, durationMs: 1 };
  const paper = { columns: 80, isTerminal: false, home: null };
  const lines = [...importLines(paper, { sessions: [], issues, totals })];
  expect(lines.slice(0, 2)).toEqual(["Nothing was taken in.", "1 reason:"]);
  expect(lines[2]).toContain(message);
});
