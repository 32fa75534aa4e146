import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { visibleLine } from "../../capture/cli/render/escape.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

const ourColours = new RegExp(`${"\u001b"}\\[(?:0|1|2|31|32|33|36)m`, "gu");
const acting = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

/** Pieces of attacks, of our own marks, and of ordinary text. */
const hostile = fc
  .array(
    fc.constantFrom(
      "\u001b[31m",
      "\u001b]0;title\u0007",
      "\u001b]8;;http://x\u001b\\",
      "\u009b2J",
      "\u0090q",
      "\r",
      "\n",
      "\t",
      "\b",
      "\u007f",
      "\u0000",
      "\u202e",
      "\u2066",
      "\u2028",
      "\u{e0041}",
      "\ufdd0",
      "\ufdd1",
      "31;",
      "1;",
      "0m",
      "漢字",
      "é",
      "👩‍👧",
      "word",
      " ",
      ":",
      "/",
      "\ud800",
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const verbs: readonly (readonly string[])[] = [
  ["setup", "--yes"],
  ["import"],
  ["capture", "--once"],
  ["capture", "pause", "--repo", "."],
  ["trace", "list"],
  ["trace", "show", "3f2a9c"],
  ["trace", "show", "3f2a9c", "--full"],
  ["why", "code.txt:2"],
  ["trail", "blame", "code.txt"],
  ["trail", "blame", "commit", "HEAD"],
  ["trail", "blame", "pr"],
  ["trail", "track", "3f2a9c"],
  ["trail", "diff", "3f2a9c:2"],
  ["status"],
  ["doctor"],
];

let cwd = "";
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "ot-escape-"));
  writeFileSync(path.join(cwd, "code.txt"), "one\n\u001b[2Jtwo\u202e\nthree\n");
});
afterAll(() => rmSync(cwd, { recursive: true }));

const cases = verbs.map((words) => [words.join(" "), words] as const);

test.each(cases)("no terminal escape of a session acts: ot %s", async (_, typed) => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const engine = engineThatSays(text);
      const coloured = await runOt(typed, { cwd, engine, columns: 80 });
      expect(`${coloured.out}${coloured.err}`.replaceAll(ourColours, "")).not.toMatch(acting);
      const plain = await runOt(typed, { cwd, engine, columns: 80, env: { NO_COLOR: "1" } });
      expect(`${plain.out}${plain.err}`).not.toMatch(acting);
      const json = await runOt([...typed, "--json"], { cwd, engine, columns: 80 });
      expect(json.out).not.toMatch(acting);
      expect(json.out.match(/\n/gu)).toHaveLength(1);
      expect(JSON.parse(json.out)).toMatchObject({ status: "ok" });
    }),
    { numRuns: 25 },
  );
});

test("an error that quotes what was typed is escaped too", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const run = await runOt(["trace", "show", "a", text], { columns: 80 });
      expect(run.code).toBe(2);
      expect(`${run.out}${run.err}`.replaceAll(ourColours, "")).not.toMatch(acting);
    }),
  );
});

test("what is escaped once is not changed by escaping it again", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = visibleLine(text);
      expect(visibleLine(once)).toBe(once);
    }),
  );
});
