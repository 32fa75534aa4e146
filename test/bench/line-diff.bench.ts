import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { diffLines, splitLines } from "../../capture/trail/line-diff.ts";
import { type Figure, median } from "../support/bench-figure.ts";

const rounds = 9;

/** A generator of numbers below 2^32 that gives the same ones in every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

/** Source text as it is: most lines differ, one in four is a brace, blank or a common statement. */
function sourceLines(count: number): string[] {
  const common = ["}", "", "    return null;", "  }"];
  return Array.from({ length: count }, (_, at) =>
    at % 4 === 3 ? (common[(at >> 2) % 4] ?? "") : `  const value${at} = compute(${at % 89});`,
  );
}

type Change = (lines: readonly string[]) => string[];

const someLines: Change = (lines) => {
  const random = numbers(7);
  return lines.map((line, at) => (random.next().value % 10 < 3 ? `  changed(${at}, "x");` : line));
};

const shuffledBlocks: Change = (lines) => {
  const blocks = Array.from({ length: Math.ceil(lines.length / 50) }, (_, at) =>
    lines.slice(at * 50, at * 50 + 50),
  );
  return blocks
    .toSorted((a, b) => (a[0] ?? "").length - (b[0] ?? "").length)
    .toReversed()
    .flat();
};

const cases: readonly (readonly [name: string, lines: number, change: Change])[] = [
  ["one edit of 10,000 lines", 10_000, (lines) => lines.toSpliced(5_000, 3, "a", "b", "c", "d")],
  ["30 % of 10,000 lines", 10_000, someLines],
  ["30 % of 50,000 lines", 50_000, someLines],
  ["all of 50,000 lines", 50_000, (lines) => lines.map((line, at) => `${at} ${line}`)],
  ["50,000 lines, blocks moved", 50_000, shuffledBlocks],
  ["50,000 common lines, every third gone", 50_000, (lines) => lines.filter((_, at) => at % 3 > 0)],
];

/** Our diff of two texts against `git diff --no-index` on the same, start of git included. */
export async function figures(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "ot-diff-"));
  const found: Figure[] = [];
  for (const [name, count, change] of cases) {
    const isCommon = name.includes("common");
    const before = isCommon
      ? Array.from({ length: count }, (_, at) => `  step(${(at * at) % 97});`)
      : sourceLines(count);
    const texts = [before, change(before)].map((lines) => `${lines.join("\n")}\n`);
    const paths = texts.map((text, side) => {
      const path = join(folder, `${side}.txt`);
      writeFileSync(path, text);
      return path;
    });
    const own: number[] = [];
    const git: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      own.push(timed(() => diffLines(splitLines(texts[0] ?? ""), splitLines(texts[1] ?? ""))));
      git.push(timed(() => spawnSync("git", ["diff", "--no-index", "-U0", ...paths])));
    }
    const value = median(own) / median(git);
    found.push({ name: `line diff of ${name}`, value: median(own), unit: "ms" });
    found.push({ name: "… over `git diff --no-index`", value, unit: "", limit: 2 });
  }
  rmSync(folder, { recursive: true, force: true });
  return found;
}

function timed(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}
