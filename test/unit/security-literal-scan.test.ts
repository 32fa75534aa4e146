import fc from "fast-check";
import { expect, test } from "vitest";

import { type Literal, LiteralScanner } from "../../capture/security/literal-scan.ts";

function found(
  literals: readonly Literal[],
  bytes: Uint8Array,
  from: number,
  to: number,
): string[] {
  const places: string[] = [];
  new LiteralScanner(literals).scan(bytes, { from, to }, (literal, at) => {
    places.push(`${at}:${literal}`);
    return false;
  });
  return places.toSorted();
}

function expected(literals: readonly Literal[], text: string, from: number, to: number): string[] {
  const places: string[] = [];
  literals.forEach((literal, index) => {
    const fold = (value: string): string => (literal.anyCase ? value.toLowerCase() : value);
    for (let at = from; at < to; at += 1) {
      if (fold(text).startsWith(fold(literal.text), at)) places.push(`${at}:${index}`);
    }
  });
  return places.toSorted();
}

const word = fc.string({
  unit: fc.constantFrom("a", "b", "A", "B", "-", "_"),
  minLength: 3,
  maxLength: 6,
});
const literal = fc.record({ text: word, anyCase: fc.boolean() });

test("the scan finds what a search for each literal finds, at any alignment", () => {
  fc.assert(
    fc.property(
      fc.array(literal, { minLength: 1, maxLength: 12 }),
      fc.array(word, { maxLength: 30 }),
      fc.nat(3),
      fc.tuple(fc.nat(60), fc.nat(200)),
      (literals, words, lead, [from, length]) => {
        const text = words.join("");
        const bytes = Buffer.from("-".repeat(lead) + text, "latin1").subarray(lead);
        const start = Math.min(from, text.length);
        const end = Math.min(start + length, text.length);
        expect(found(literals, bytes, start, end)).toEqual(expected(literals, text, start, end));
      },
    ),
    { numRuns: 3_000 },
  );
});

test("a visitor that says so ends the scan", () => {
  const scanner = new LiteralScanner([{ text: "abc", anyCase: false }]);
  let visits = 0;
  const ended = scanner.scan(Buffer.from("abcabcabc"), { from: 0, to: 9 }, () => {
    visits += 1;
    return true;
  });
  expect([ended, visits]).toEqual([true, 1]);
});
