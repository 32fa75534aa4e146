import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addNormalisedMatches,
  diffLines,
  matchLines,
  matchOfHunks,
  newIndexOf,
  oldIndexOf,
  splitLines,
} from "../../capture/trail/line-diff.ts";
import { linesNear } from "../../capture/trail/text-lines.ts";
import { matchSymbols } from "../../capture/trail/line-match.ts";

// Each run tries the same: what fails once fails again.
fc.configureGlobal({ seed: 337_560_076 });

const line = fc.constantFrom("a", "b", "c", "", "  d", "}", "return null;");
const lines = fc.array(line, { maxLength: 24 });

test("as many lines are matched as a table of all common subsequences allows", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const matched = matchLines(before, after).filter((old) => old >= 0).length;
      expect(matched).toBe(longestCommonLength(before, after));
    }),
    { numRuns: 2_000 },
  );
});

test("hunks turn the text before into the text after, ascending and apart", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const hunks = diffLines(before, after);
      const built: string[] = [];
      let old = 0;
      for (const hunk of hunks) {
        expect(oldIndexOf(hunk)).toBeGreaterThanOrEqual(old);
        built.push(...before.slice(old, oldIndexOf(hunk)));
        expect(newIndexOf(hunk)).toBe(built.length);
        built.push(...after.slice(newIndexOf(hunk), newIndexOf(hunk) + hunk.newLines));
        old = oldIndexOf(hunk) + hunk.oldLines;
      }
      built.push(...before.slice(old));
      expect(built).toEqual(after);
    }),
    { numRuns: 2_000 },
  );
});

test("the lines that hunks leave alone are equal on both sides", () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      matchOfHunks(diffLines(before, after), after.length).forEach((old, index) => {
        if (old >= 0) expect(before[old]).toBe(after[index]);
      });
    }),
  );
});

test("beyond the exact budget, matches still are equal and ascend", () => {
  const noise = (seed: number, length: number, kinds: number): Int32Array => {
    let state = seed;
    return Int32Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor(state / 65_536) % kinds;
    });
  };
  for (const kinds of [3, 50, 20_000]) {
    const a = noise(1, 20_000, kinds);
    const b = noise(2, 20_000, kinds);
    let last = -1;
    matchSymbols(a, b).forEach((old, index) => {
      if (old < 0) return;
      expect(old > last && a[old] === b[index]).toBe(true);
      last = old;
    });
    expect(last).toBeGreaterThan(0);
  }
});

test("lines put together again are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", " ", "é") }), (text) => {
      const joined = splitLines(text).join("\n");
      expect([joined, `${joined}\n`]).toContain(text);
    }),
  );
});

test("splitting a text beside a similar one gives the lines that splitting it alone gives", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r"), maxLength: 12 });
  fc.assert(
    fc.property(piece, piece, piece, piece, (head, middle, other, tail) => {
      for (const pad of ["", "x\n".repeat(2_100)]) {
        const text = `${pad}${head}${middle}${tail}${pad}`;
        const saved = `${pad}${head}${other}${tail}${pad}`;
        const near = linesNear(text, { text: saved, lines: splitLines(saved) });
        expect(near).toEqual(splitLines(text));
      }
    }),
    { numRuns: 300, examples: [["", "\n", "a", "\n"]] },
  );
});

test("the normalised pass only adds pairs, and keeps them ascending", () => {
  const loose = fc.array(fc.constantFrom("a b", "a  b", "\ta b", "x='y'", 'x = "y"', "", "}"));
  fc.assert(
    fc.property(loose, loose, (before, after) => {
      const matchOf = matchLines(before, after);
      const extended = addNormalisedMatches(matchOf, before, after).matchOf;
      const pairs = [...extended].filter((old) => old >= 0);
      expect(pairs).toEqual([...new Set(pairs)].toSorted((a, b) => a - b));
      matchOf.forEach((old, index) => {
        if (old >= 0) expect(extended[index]).toBe(old);
      });
    }),
  );
});

function longestCommonLength(before: readonly string[], after: readonly string[]): number {
  let row = after.map(() => 0);
  for (const old of before) {
    let diagonal = 0;
    row = row.map((above, index, current) => {
      const left = index === 0 ? 0 : (current[index - 1] ?? 0);
      const best = old === after[index] ? diagonal + 1 : Math.max(above, left);
      diagonal = above;
      current[index] = best;
      return best;
    });
  }
  return row.at(-1) ?? 0;
}
