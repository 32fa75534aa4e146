import { expect, test } from "vitest";
import { Births } from "../../capture/trail/births.ts";
import { carry, type LineState, lineMarks, noLines } from "../../capture/trail/carry.ts";
import { stepOwner, unknownOwner } from "../../capture/trail/cause.ts";
import { traceIdOf } from "../../capture/model/ids.ts";

const trace = traceIdOf("claude-code", "aaaaaaaa-0000");

/** Plays contents one after the other, each by the step of its number; lines stand between bars. */
function play(...contents: readonly string[]): { births: Births; state: LineState } {
  const births = new Births();
  let state = noLines;
  contents.forEach((content, index) => {
    const owner = stepOwner({ trace, agent: null, index });
    const source = {
      change: index,
      seenAtMs: null,
      attribute: () => ({ owner, evidence: "observed" as const }),
    };
    state = carry(births, state, content === "" ? [] : content.split("|"), source);
  });
  return { births, state };
}

/** Number of the step that owns each line of the last content. */
function check(contents: readonly string[], expected: readonly number[]): void {
  const { births, state } = play(...contents);
  const owners = Array.from(state.ids, (id) => births.get(id).attribution?.owner ?? unknownOwner);
  expect(owners.map(({ step }) => step?.index)).toEqual(expected);
}

test("what stays keeps its owner, what is new is the change's", () => {
  check(["a|b|c", "a|x|b|c"], [0, 1, 0, 0]);
});

test("a short line that comes back to its place is the one of before", () => {
  check(["a|x|b", "a|b", "top|a|x|b"], [2, 0, 0, 0]);
  check(["a|x|b", "a|y|b", "top|a|x|b"], [2, 0, 0, 0]);
});

test("a replaced line comes back with the line that took its place, whatever stands around", () => {
  check(["a|x = 1|b", "a|x = 2|b", "new a|x = 1|new b"], [2, 0, 2]);
});

test("a short line that comes back somewhere else is new", () => {
  check(["a|}|b|c", "a|b|c", "a|b|c|}"], [0, 0, 0, 2]);
});

test("a block that went away and comes back elsewhere is the one of before", () => {
  const block = "function moved(value) {|  return transform(value);|}";
  check([`${block}|a|b`, "a|b", `a|b|${block}`], [0, 0, 0, 0, 0]);
});

test("one long line comes back from anywhere, unless there were two of it", () => {
  const long = "const unmistakable = compute(everything);";
  check([`${long}|a|b`, "a|b", `a|b|${long}`], [0, 0, 0]);
  check([`${long}|a|${long}|b`, "a|b", `a|b|c|${long}`], [0, 0, 2, 2]);
});

test("a block that moves within one change keeps its owner, boilerplate does not", () => {
  const block = "const first = one();|const second = two();|const third = three();";
  check([`${block}|a|b|c|d`, `a|b|c|d|${block}`], [0, 0, 0, 0, 0, 0, 0]);
  check(["}|return null;|a|b|c", "a|b|c|}|return null;"], [0, 0, 0, 1, 1]);
  check(["}|}|}|a|b|c|d", "a|b|c|d|}|}|}"], [0, 0, 0, 0, 1, 1, 1]);
  check(
    ['import x from "x-and-a-long-name";|a|b', 'a|b|import x from "x-and-a-long-name";'],
    [0, 0, 1],
  );
});

test("lines that moved or were re-indented say so", () => {
  const block = "const first = one();|const second = two();|const third = three();";
  const moved = play(`${block}|a|b|c|d`, `a|b|c|d|${block}`).state.marks;
  expect([...moved]).toEqual([0, 0, 0, 0, lineMarks.moved, lineMarks.moved, lineMarks.moved]);
  const indented = play("a|x=1|b", "a|  x = 1|b").state.marks;
  expect([...indented]).toEqual([0, lineMarks.reformatted, 0]);
});

test("a new line names the line that it came from, or only took the place of", () => {
  const ancestry = (...contents: readonly string[]): unknown[] => {
    const { births, state } = play(...contents);
    return Array.from(state.ids, (id) => {
      const [ancestor] = births.get(id).ancestors;
      return ancestor === undefined ? null : [births.get(ancestor.birth).text, ancestor.how];
    });
  };
  expect(ancestry("a|sum * rate / 100|b", "a|sum * rate / 1000|b")).toEqual([
    null,
    ["sum * rate / 100", "derived"],
    null,
  ]);
  expect(ancestry("a|alpha beta|b", "a|gamma delta|b")).toEqual([
    null,
    ["alpha beta", "replaced"],
    null,
  ]);
  expect(ancestry("a|b", "a|new|b")).toEqual([null, null, null]);
});

test("a question leaves no trace: what it lacks is not remembered as gone", () => {
  const { births, state } = play("a|x|b");
  const passing = { change: -1, seenAtMs: null, isPassing: true, attribute: () => null };
  carry(births, state, ["a", "b"], passing);
  expect(births.deadWithText("x")).toEqual([]);
});

test("a line that is broken, or lines that are joined, keep their owner token by token", () => {
  check(["a|call(one, two);|b", "a|call(|  one,|  two|);|b"], [0, 0, 0, 0, 0, 0]);
  check(["a|call(|  one,|  two|);|b", "a|call(one, two);|b"], [0, 0, 0]);
  check(["one two three|four five|six", "one two|three four|five six"], [0, 0, 0]);
});

test("where a formatter's own punctuation comes with it, they still do; a new word is new", () => {
  check(["a|call(one, two);|b", "a|call(|  one,|  two,|);|b"], [0, 0, 0, 0, 0, 0]);
  check(["a|call(one, two);|b", "a|call(|  one,|  two,|  three,|);|b"], [0, 0, 0, 0, 1, 0, 0]);
});

test("lines of two owners that are joined are nobody's, and both are named", () => {
  const { births, state } = play("a|one(two,|b", "a|one(two,|three);|b", "a|one(two, three);|b");
  const joined = births.get(state.ids[1] ?? -1);
  expect(joined.attribution?.owner.candidates.map(({ index }) => index)).toEqual([0, 1]);
});

test("a line that is broken and then joined again is the one of before", () => {
  const { births, state } = play(
    "a|call(one, two);|b",
    "a|call(one,|two);|b",
    "a|call(one, two);|b",
  );
  expect(births.get(state.ids[1] ?? -1)).toMatchObject({ change: 0, text: "call(one, two);" });
});

test("a blank line whose white space changes belongs to the block around it", () => {
  check(["\tone|\t|\ttwo", "  one|  |  two"], [0, 0, 0]);
  check(["one|\t|two", "uno|  |due"], [1, 1, 1]);
});
