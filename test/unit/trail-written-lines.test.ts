import { expect, test } from "vitest";
import { diffLines, newIndexOf, oldIndexOf } from "../../capture/trail/line-diff.ts";
import { WrittenLines, writtenText } from "../../capture/trail/written-lines.ts";

/** Each added line of `after`, with `+` where the text that was written brought it in. */
function check(
  change: { before: readonly string[]; after: readonly string[] },
  text: { instead: readonly string[] | null; lines: readonly string[] },
  expected: readonly string[],
): void {
  const { before, after } = change;
  const isOpen = new Uint8Array(after.length);
  const hunks = diffLines(before, after).map((hunk) => {
    isOpen.fill(1, newIndexOf(hunk), newIndexOf(hunk) + hunk.newLines);
    const removed = before.slice(oldIndexOf(hunk), oldIndexOf(hunk) + hunk.oldLines);
    return { first: newIndexOf(hunk), count: hunk.newLines, removed };
  });
  const file = new WrittenLines({ lines: after, isOpen, hunks });
  const brought = new Set(file.broughtBy(writtenText(text.instead, text.lines)));
  const shown = after.flatMap((line, at) =>
    isOpen[at] === 1 ? `${brought.has(at) ? "+" : " "}${line}` : [],
  );
  expect(shown).toEqual(expected);
}

const block = ["function total(items) {", "  return sum(items);", "}"];

test("a block that was written and stands in the file is the writer's", () => {
  check(
    { before: ["a", "b"], after: ["a", ...block, "b"] },
    { instead: ["a"], lines: ["a", ...block] },
    ["+function total(items) {", "+  return sum(items);", "+}"],
  );
});

test("white space and quotes that a formatter changed do not count", () => {
  check(
    { before: [], after: ["function total( items ) {", "\treturn sum(items);", "}"] },
    { instead: null, lines: block },
    ["+function total( items ) {", "+\treturn sum(items);", "+}"],
  );
});

test("short common lines alone are nobody's", () => {
  check(
    { before: ["a"], after: ["a", "}", "return null;"] },
    { instead: null, lines: ["}", "x", "return null;"] },
    [" }", " return null;"],
  );
});

test("a line of a person between two written ones stays theirs", () => {
  check(
    { before: [], after: [block[0] ?? "", "  check(items);", ...block.slice(1)] },
    { instead: null, lines: block },
    ["+function total(items) {", "   check(items);", "+  return sum(items);", "+}"],
  );
});

test("a short line is the writer's in place of the one that it was written for", () => {
  check(
    { before: ["a", "x = 1", "b"], after: ["a", "x = 2", "b"] },
    { instead: ["x = 1"], lines: ["x = 2"] },
    ["+x = 2"],
  );
  check(
    { before: ["a", "x = 0", "b"], after: ["a", "x = 2", "b"] },
    { instead: ["x = 1"], lines: ["x = 2"] },
    [" x = 2"],
  );
});

test("what stood around a text is not brought in by it", () => {
  check({ before: [], after: block }, { instead: ["function total(items) {", "}"], lines: block }, [
    " function total(items) {",
    "+  return sum(items);",
    " }",
  ]);
});

test("a word that took the place of a secret stands for what it hid", () => {
  check(
    { before: [], after: ['const key = "k9s8d7f6";', "startUp(key, options);", "done();"] },
    { instead: null, lines: ['const key = "REDACTED";', "startUp(key, options);", "done();"] },
    ['+const key = "k9s8d7f6";', "+startUp(key, options);", "+done();"],
  );
});
