import { expect, test } from "vitest";

import { parseArguments } from "../../capture/cli/arguments.ts";
import { commandTable } from "../../capture/cli/command-table.ts";
import { parseFileLine, parseLines, parseSince } from "../../capture/cli/option-values.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

test.each([
  ["trace list", ["--limit", "3", "--json"], [], { limit: "3", json: "" }],
  ["trace list", ["--limit=3"], [], { limit: "3" }],
  ["trace list", ["--since=2026-11-24T10:00:00+01:00"], [], { since: "2026-11-24T10:00:00+01:00" }],
  ["import", ["a", "--harness", "codex", "b"], ["a", "b"], { harness: "codex" }],
  ["import", ["--", "-odd", "--json"], ["-odd", "--json"], {}],
  ["import", ["-"], ["-"], {}],
  ["why", ["--rev", "-1", "a:1"], ["a:1"], { rev: "-1" }],
  ["why", ["C:\\shop\\cart.js:12"], ["C:\\shop\\cart.js:12"], {}],
])("ot %s %j is understood", (verb, words, operands, values) => {
  const spec = commandTable.find((one) => one.verb === verb);
  if (spec === undefined) throw new Error("no such verb");
  const parsed = parseArguments(spec, words);
  expect(parsed.operands).toEqual(operands);
  const names = ["limit", "json", "since", "harness", "rev"];
  const given = names.filter((name) => parsed.has(name)).map((name) => [name, parsed.value(name)]);
  expect(Object.fromEntries(given)).toEqual(values);
});

/** A wrong call, and what it must say beside exit code 2. */
const wrong: readonly (readonly [line: string, said: string])[] = [
  ["trace", "ot trace needs a second word. It has ot trace list, ot trace show."],
  ["trace lst", `ot trace has no verb "lst". Did you mean ot trace list?`],
  ["imprt", `ot has no verb "imprt". Did you mean ot import? ot --help lists what there is.`],
  ["--frob", "ot has no option --frob."],
  [
    "trace show",
    "ot trace show needs <trace>[:STEPS]. Usage: ot trace show <trace>[:STEPS] [--full]",
  ],
  ["trace show a b", `does not know what to do with "b". Usage: ot trace show`],
  ["trace list --limt 3", "ot trace list has no option --limt. Did you mean --limit?"],
  ["trace list --limit", "--limit needs a value: --limit N. Usage: ot trace list"],
  ["trace list --limit --json", "--limit needs a value"],
  ["trace list --limit 0", `--limit takes a whole number from 1, not "0".`],
  ["trace list --limit 2.5", `--limit takes a whole number from 1, not "2.5".`],
  ["trace list --since soon", `--since does not understand "soon". It takes 2h, 7d,`],
  ["trace list --since 2026-02-31", `--since does not understand "2026-02-31".`],
  ["trace list --json=yes", "--json takes no value."],
  ["trace list --json --jsonl", "--json and --jsonl exclude each other."],
  ["import -x", `ot import has no option -x. A name that begins with a dash goes behind "--".`],
  ["status --jsonl", "ot status has no option --jsonl."],
  ["why src/cart.js", `"src/cart.js" does not name a line. Write it as <file>:<line>`],
  ["why src/cart.js:0", "There is no line 0."],
  ["why :3", `":3" does not name a line.`],
  ["why a.js:3x", `"a.js:3x" does not name a line.`],
  ["trail blame a.js --lines 5,2", `--lines does not understand "5,2". It takes the first`],
  ["trail blame commit", "ot trail blame commit needs <sha>. Usage: ot trail blame commit <sha>"],
  ["help frob", `There is no help for "frob".`],
  ["search x", "ot search is not part of this version. ot --help lists what is."],
];

test.each(wrong)("ot %s says what is wrong and exits with 2", async (line, said) => {
  const run = await runOt(line.split(" "));
  expect(run.code).toBe(2);
  const isJson = / --jsonl?(?: |$)/u.test(line);
  const text = isJson ? Object.values(JSON.parse(run.out).error).join(" ") : run.err;
  expect(text).toContain(said);
  if (isJson) expect(run.err).toBe("");
  else expect(run.out).toBe("");
});

test.each(wrong)("ot %s --json says it in one object", async (line) => {
  const run = await runOt([...line.split(" "), "--json"]);
  expect(run.code).toBe(2);
  expect(run.err).toBe("");
  expect(JSON.parse(run.out)).toMatchObject({
    schema: "opentraces.error.v1",
    status: "error",
    error: { code: "usage" },
  });
});

test("global flags may stand before the verb", async () => {
  const run = await runOt(["--json", "trace", "list"], { engine: engineThatSays("x") });
  expect(JSON.parse(run.out).schema).toBe("opentraces.trace.list.v1");
});

test("behind -- a word that looks like a verb or an option is an operand", async () => {
  const run = await runOt(["trail", "blame", "--", "commit"]);
  expect(run).toMatchObject({ code: 4, err: expect.stringContaining("no file commit") });
});

test("a limit and a time reach the engine as numbers", async () => {
  const engine = engineThatSays("x");
  const asked: unknown[] = [];
  const listTraces: typeof engine.listTraces = async (_, request) => {
    asked.push(request);
    return { traces: [], more: false };
  };
  const nowMs = Date.UTC(2026, 10, 24, 12);
  const words = ["trace", "list", "--since", "2h", "--limit", "5", "--json"];
  await runOt(words, { engine: { ...engine, listTraces }, nowMs });
  expect(asked).toEqual([{ limit: 5, sinceMs: nowMs - 7_200_000 }]);
});

test.each([
  ["90m", 90 * 60_000],
  ["2h", 2 * 3_600_000],
  ["7d", 7 * 86_400_000],
  ["2w", 14 * 86_400_000],
])("--since %s is that long ago", (text, agoMs) => {
  expect(parseSince(text, 10 ** 12)).toBe(10 ** 12 - agoMs);
});

test("--since takes ISO times, with their zone or in local time", () => {
  expect(parseSince("2026-11-24T15:42Z", 0)).toBe(Date.UTC(2026, 10, 24, 15, 42));
  expect(parseSince("2026-11-24T15:42:10.5+02:00", 0)).toBe(
    Date.UTC(2026, 10, 24, 13, 42, 10, 500),
  );
  expect(parseSince("2026-11-24", 0)).toBe(new Date(2026, 10, 24).getTime());
  expect(parseSince("2028-02-29", 0)).toBe(new Date(2028, 1, 29).getTime());
});

test.each([
  ["src/cart.js:12", "src/cart.js", 12],
  ["C:\\shop\\cart.js:3", "C:\\shop\\cart.js", 3],
  ["odd:name.txt:7", "odd:name.txt", 7],
  ["a.js:3:5", "a.js:3", 5],
  ["-x:1", "-x", 1],
])("%s is split at its last colon", (text, file, line) => {
  expect(parseFileLine(text)).toEqual({ file, line });
});

test("--lines takes a range or one line", () => {
  expect(parseLines("10,20")).toEqual([10, 20]);
  expect(parseLines("7")).toEqual([7, 7]);
});
