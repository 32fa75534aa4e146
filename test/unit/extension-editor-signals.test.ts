import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  cursorAfter,
  type Edit,
  edited,
  isKeystroke,
  isReformat,
} from "../../extension/editor/edit-shape.ts";
import { NotedLines } from "../../extension/editor/noted-lines.ts";
import { TextBefore } from "../../extension/editor/text-before.ts";

/** An edit of `text` that puts `by` in the place of what lies between two offsets. */
function edit(text: string, from: number, to: number, by: string): Edit {
  const place = (offset: number) => {
    const before = text.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  };
  const range = { start: place(from), end: place(to) };
  return { range, rangeOffset: from, rangeLength: to - from, text: by };
}

const at = (line: number, character: number) => ({
  start: { line, character },
  end: { line, character },
});
const span = (line: number, endLine: number) => ({
  start: { line, character: 0 },
  end: { line: endLine, character: 99 },
});
const put = (line: number, character: number, text: string, endCharacter = character): Edit => ({
  range: { start: { line, character }, end: { line, character: endCharacter } },
  rangeOffset: line * 100 + character,
  rangeLength: endCharacter - character,
  text,
});

describe("a key", () => {
  test.each<[string, Edit[], ReturnType<typeof at>[], boolean]>([
    ["types at the cursor", [put(3, 4, "x")], [at(3, 4)], true],
    ["deletes before the cursor", [put(3, 3, "", 4)], [at(3, 4)], true],
    [
      "types at each of several cursors",
      [put(5, 2, "x"), put(3, 4, "x")],
      [at(3, 4), at(5, 2)],
      true,
    ],
    ["comments the lines of a selection", [put(5, 0, "// "), put(3, 0, "// ")], [span(3, 5)], true],
    ["types nowhere but at a cursor", [put(9, 0, "x")], [at(3, 4)], false],
    ["puts the same in everywhere", [put(3, 4, ";"), put(1, 0, "  ")], [at(3, 4)], false],
    ["is not what brings in much at once", [put(3, 4, "x".repeat(65))], [at(3, 4)], false],
    ["in a line does not reach its other end", [put(3, 40, ";")], [at(3, 4)], false],
  ])("%s", (_, edits, cursors, expected) => {
    expect(isKeystroke(edits, cursors)).toBe(expected);
  });

  test("leaves the cursor behind what it put in", () => {
    expect(cursorAfter(put(3, 4, "x"))).toEqual(at(3, 5));
    expect(cursorAfter(put(3, 4, "\n  "))).toEqual(at(4, 2));
  });
});

describe("a formatter", () => {
  const check = (before: string, after: string, edits: readonly Edit[]) => {
    expect(edited(before, edits)).toBe(after);
    return isReformat(edits, before, after);
  };

  test("changes several places and keeps every word", () => {
    const before = "if(a){\n\tb( 'c' )\n}";
    const edits = [
      edit(before, 10, 11, ""),
      edit(before, 7, 8, "  "),
      edit(before, 2, 2, " "),
      edit(before, 5, 5, " "),
    ];
    expect(check(before, "if (a) {\n  b('c' )\n}", edits)).toBe(true);
  });

  test("is not seen in an edit that takes a word or brings one", () => {
    expect(check("a  b", "a c", [edit("a  b", 1, 4, " c")])).toBe(false);
    const before = "one( two )";
    expect(check(before, "one(2)", [edit(before, 4, 9, "2"), edit(before, 9, 9, "")])).toBe(false);
  });

  test("is not seen in one text put in the place of another everywhere", () => {
    const before = "a; b; c";
    const edits = [edit(before, 4, 5, ","), edit(before, 1, 2, ",")];
    expect(check(before, "a, b, c", edits)).toBe(false);
  });

  test("is not seen in what a single key can do", () => {
    expect(check("a b", "a  b", [edit("a b", 1, 1, " ")])).toBe(false);
    expect(check("a  b", "a b", [edit("a  b", 1, 2, "")])).toBe(false);
  });
});

describe("noted lines", () => {
  /** Notes the lines of `text` that begin with `+`, changes it, and says where they are then. */
  const check = (text: string, from: number, to: number, by: string): string[] => {
    const noted = new NotedLines();
    text.split("\n").forEach((line, i) => {
      if (line.startsWith("+")) noted.apply([put(i, 0, "+")], "note");
    });
    const one = edit(text, from, to, by);
    noted.apply([one], "keep");
    const after = edited(text, [one]).split("\n");
    return noted
      .ranges()
      .flatMap(([start, end]) => after.slice(start - 1, end).map((line) => line || "(empty)"));
  };

  const abcd = "a\n+b\n+c\nd";

  test.each<[string, string[], string[]]>([
    ["move down with lines put in above", check("a\n+b\nc", 0, 0, "x\ny\n"), ["+b"]],
    ["are pushed down by a line at their own place", check("a\n+b\nc", 2, 2, "x\n"), ["+b"]],
    ["stay where one is put in below", check("a\n+b\nc", 5, 5, "x\n"), ["+b"]],
    ["move up when a line above goes", check("a\nz\n+b", 0, 2, ""), ["+b"]],
    ["go when they are deleted whole", check("a\n+b\nc\nd", 2, 5, ""), []],
    ["go when they lie within what is deleted", check(abcd, 1, 8, ""), []],
    ["keep what is left of the last one", check(abcd, 1, 6, ""), ["ac"]],
    ["stay with what is before a break", check("+bc", 2, 2, "\n"), ["+b"]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test("are no longer noted once somebody else has changed them", () => {
    const noted = new NotedLines();
    noted.apply([put(0, 0, "a\nb\nc\n")], "note");
    noted.apply([put(1, 0, "x")], "drop");
    expect(noted.ranges()).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });

  test("of a change in several places count in the text after all of it", () => {
    const text = "one\ntwo\nthree\nfour\n";
    const edits = [edit(text, 0, 0, "x\n"), edit(text, 8, 13, "3\n3")];
    const noted = new NotedLines();
    noted.apply(edits, "note");
    expect(edited(text, edits)).toBe("x\none\ntwo\n3\n3\nfour\n");
    expect(noted.ranges()).toEqual([
      [1, 1],
      [4, 5],
    ]);
  });

  test("are within the text, and hold every line that an edit has put something into", () => {
    const texts = fc.array(fc.constantFrom("a", "b", "\n"), { maxLength: 30 });
    const places = fc.tuple(
      fc.nat(100),
      fc.nat(100),
      fc.constantFrom("", "X", "X\n", "X\nX", "\n"),
    );
    fc.assert(
      fc.property(texts, fc.array(places, { maxLength: 6 }), (start, changes) => {
        let text = start.join("");
        const noted = new NotedLines();
        for (const [from, length, by] of changes) {
          const begin = Math.min(from, text.length);
          const one = edit(text, begin, Math.min(begin + length, text.length), by);
          noted.apply([one], by.includes("X") ? "note" : "keep");
          text = edited(text, [one]);
        }
        const count = text.split("\n").length;
        for (const [first, last] of noted.ranges()) {
          expect(first).toBeGreaterThan(0);
          expect(last).toBeLessThanOrEqual(count);
        }
        const claimed = new Set(noted.ranges().flatMap(([a, b]) => range(a, b)));
        text.split("\n").forEach((line, i) => {
          if (line.includes("X")) expect(claimed.has(i + 1), `${line} of ${text}`).toBe(true);
        });
      }),
    );
  });
});

describe("the text before a change", () => {
  const document = (text: string, name = "a") => ({
    uri: { toString: () => name },
    getText: () => text,
  });

  test("is put together from what was held and the changes since", () => {
    const before = new TextBefore();
    before.hold(document("one"));
    const first = edit("one", 3, 3, "!");
    before.add(document("one!"), [first]);
    const second = edit("one!", 0, 1, "O");
    expect(before.before(document("One!"), [second])).toBe("one!");
  });

  test("is not known of another document, of one too long, or where a change was missed", () => {
    const before = new TextBefore();
    const any = edit("one", 0, 1, "O");
    before.hold(document("one"));
    expect(before.before(document("One", "b"), [any])).toBeNull();
    expect(before.before(document("One and more"), [any])).toBeNull();
    before.hold(document("x".repeat(2_000_000)));
    expect(before.before(document("O"), [any])).toBeNull();
    before.hold(undefined);
    expect(before.before(document("One"), [any])).toBeNull();
  });

  test("stays known however many keys are pressed", () => {
    const before = new TextBefore();
    let text = "";
    before.hold(document(text));
    for (let i = 0; i < 450; i++) {
      const one = edit(text, text.length, text.length, "k");
      text += "k";
      before.add(document(text), [one]);
    }
    const next = edit(text, 0, 0, "!");
    expect(before.before(document(`!${text}`), [next])).toBe(text);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
