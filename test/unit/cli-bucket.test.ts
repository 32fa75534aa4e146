import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import * as z from "zod";

import { silentLogger } from "../../capture/base/log.ts";
import { commandTable } from "../../capture/cli/command-table.ts";
import { schemaOf } from "../../capture/cli/render/json.ts";
import { jsonSchemas, wireSchemas } from "../../capture/cli/schemas/json-schemas.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { type CliRun, runOt } from "../support/cli-io.ts";
import { createRepository, placeFixture, writeNative } from "../support/fixture.mjs";

// Every verb on a real bucket, which the first of them fills from a recorded session.

/** Names of the schemas that an answer was held against. */
const validated = new Set<string>();
let root = "";
let env: Readonly<Record<string, string | undefined>> = {};
let cwd = "";
let engine: LocalEngine | undefined;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-cli-bucket-")));
  const { fixture, repository, configFolder } = placeFixture("simple-fix", root);
  writeNative(fixture, configFolder);
  rmSync(repository, { recursive: true });
  createRepository(fixture, repository, "after");
  mkdirSync(path.join(root, "home"));
  env = {
    PATH: process.env["PATH"],
    HOME: path.join(root, "home"),
    OPENTRACES_HOME: path.join(root, "home/.opentraces"),
    CLAUDE_CONFIG_DIR: configFolder,
  };
  cwd = repository;
  engine = await LocalEngine.open({ log: silentLogger, env });
  await json("import");
}, 60_000);
afterAll(async () => {
  await engine?.close();
  rmSync(root, { recursive: true, force: true });
});

function ot(line: string): Promise<CliRun> {
  if (engine === undefined) throw new Error("no engine yet");
  return runOt(line.split(" "), { cwd, env, engine: kept(engine) });
}

/** The same engine for every command line; `close` waits for the last. */
function kept(real: LocalEngine): LocalEngine {
  return new Proxy(real, {
    get(target, name) {
      if (name === "close") return async () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Runs a verb under `--json`; its stdout must be one object, and stderr empty. */
async function json(line: string, code = 0): Promise<Record<string, unknown>> {
  const run = await ot(`${line} --json`);
  expect(run.err).toBe("");
  const answer: unknown = JSON.parse(run.out);
  expect(run.code, run.out).toBe(code);
  expect(run.out.endsWith("}\n")).toBe(true);
  if (typeof answer !== "object" || answer === null) throw new Error("not an object");
  validate({ ...answer });
  return { ...answer };
}

/** Against the schema as it ships, and as it is written: that one drops what it does not name. */
function validate(answer: Record<string, unknown>): void {
  const name = String(answer["schema"]);
  const shipped = z.fromJSONSchema(JSON.parse(JSON.stringify(jsonSchemas().get(name))));
  expect(shipped.safeParse(answer)).toMatchObject({ success: true });
  expect(wireSchemas.get(name)?.parse(answer)).toEqual(answer);
  validated.add(name);
}

/** Verbs that only look, and the members that the contract promises. */
const looks = [
  ["trace list", ["traces", "more"]],
  ["trace list --repo . --since 2020-01-01 --limit 1", ["traces", "more"]],
  ["trace show 111111", ["trace", "steps", "issues"]],
  ["trace show 111111:8", ["trace", "steps", "issues"]],
  ["trace show 111111:last --full", ["trace", "steps", "issues"]],
  [
    "why src/cart.js:9",
    ["line", "owner", "prompt", "request", "commit", "evidence", "lineage", "state"],
  ],
  [
    "why src/cart.js:1",
    ["line", "owner", "prompt", "request", "commit", "evidence", "lineage", "state"],
  ],
  ["why src/cart.js:9 --rev HEAD", ["line", "owner", "prompt", "commit", "state"]],
  ["trail blame src/cart.js", ["path", "rev", "lines"]],
  ["trail blame src/cart.js --rev HEAD~1 --lines 2,3", ["path", "rev", "lines"]],
  ["trail blame commit HEAD", ["commits"]],
  ["trail blame pr --base HEAD~1", ["commits"]],
  ["trail track 111111", ["patches", "totals"]],
  ["trail diff 111111:15", ["patch"]],
  ["status", ["checks"]],
  ["doctor", ["checks"]],
  ["bucket gc --dry-run", ["problems", "counts", "expired"]],
  ["setup --dry-run", ["changes", "notes"]],
  ["capture --once", ["sessions", "issues", "totals", "spool"]],
  ["import", ["sessions", "issues", "totals"]],
  ["help errors", ["errors"]],
] as const;

describe("on a real bucket", () => {
  test.each(looks)("ot %s --json is one object with what is promised", async (line, members) => {
    const answer = await json(line);
    expect(answer["status"]).toBe("ok");
    expect(Object.keys(answer)).toEqual(expect.arrayContaining([...members]));
  });

  test.each(looks.filter(([line]) => !/^(?:import|capture)/u.test(line)))(
    "ot %s gives the same bytes twice",
    async (line) => {
      expect(await ot(`${line} --json`)).toEqual(await ot(`${line} --json`));
    },
  );

  test.each([
    ["trace show 999999", 4, "not-found"],
    ["trace show 1111", 2, "usage"],
    ["trace show 111111:99", 4, "not-found"],
    ["why src/cart.js:99", 4, "not-found"],
    ["why src/cart.js:9 --rev nothing", 4, "not-found"],
    ["why src/none.js:9 --rev HEAD", 4, "not-found"],
    ["trail blame commit nothing", 4, "not-found"],
    ["import missing.jsonl", 4, "not-found"],
    ["import --harness emacs", 2, "usage"],
    ["setup emacs", 2, "usage"],
    ["setup codex", 2, "usage"],
  ] as const)("ot %s fails with %d and code %s", async (line, exitCode, code) => {
    const answer = await json(line, exitCode);
    expect(answer).toMatchObject({ schema: "opentraces.error.v1", error: { code } });
    const text = await ot(line);
    expect(text.code).toBe(exitCode);
    expect(text.err).toMatch(/^ot: [^\n]+[.?)a-z]\n$/u);
    expect(text.out).toBe("");
  });

  test("--jsonl streams steps and lines, one object each", async () => {
    const steps = (await ot("trace show 111111:3-5 --jsonl")).out.trimEnd().split("\n");
    expect(steps.map((line) => JSON.parse(line).index)).toEqual([3, 4, 5]);
    const lines = (await ot("trail blame src/cart.js --lines 8,9 --jsonl")).out
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line).owner)).toEqual(["unknown", "step"]);
  });

  test("why tells a person the prompt, the step, the commit, and where to go on", async () => {
    const { out } = await ot("why src/cart.js:9");
    expect(out).toContain("  return cents(sum * (1 - discountPercent / 100));\n");
    expect(out).toMatch(/^Claude Code \(.+\) wrote this line on \d{4}-\d\d-\d\d \d\d:\d\d\.$/mu);
    expect(out).toContain(
      '  │ The test "total with 25% discount" fails in this repo. Please fix it.',
    );
    expect(out).toMatch(
      /^Step 15, edit, changed src\/cart\.js \(\+1 −1\), after npm test failed/mu,
    );
    expect(out).toMatch(/^Commit [0-9a-f]{8} “Fix percentage discount” by Jane Doe, /mu);
    expect(out).toContain("● alive");
    expect(out).toContain("ot trace show 11111111:15\n");
  });

  test("a line from before the capture shows its commit and invents nothing", async () => {
    const { out } = await ot("why src/cart.js:1");
    expect(out).toContain("No evidence for this line.\n");
    expect(out).toMatch(/^Commit [0-9a-f]{8} “Initial cart library” by Jane Doe, /mu);
    expect(out).not.toContain("wrote this line");
  });

  test("blame shows the code with who and why beside it, also of a commit", async () => {
    const { out } = await ot("trail blame src/cart.js");
    expect(out).toMatch(/^src\/cart\.js on disk · 1 of 14 lines by agents$/mu);
    expect(out).toMatch(/^● \d\d-\d\d-\d\d The test .+ 9 │ {3}return cents\(sum/mu);
    expect(out).toMatch(/^ {2}26-01-01 Jane Doe Initial cart li\S*\s+1 │ import/mu);
    expect(out).toMatch(/^● 11111111:15 {2}Claude Code {2}1 line {2}● alive$/mu);
    const earlier = await ot("trail blame src/cart.js --rev HEAD~1");
    expect(earlier.out).toContain("9 │   // BUG: the discount is applied as an absolute value");
  });

  test("the timeline has prompts as headlines and a line a step", async () => {
    const { out } = await ot("trace show 111111");
    expect(out).toMatch(/^▌ The test "total with 25% discount" fails/mu);
    expect(out).toMatch(/^ {2}8 {2}command {6}\$ npm test {2}exit 1$/mu);
    expect(out).toMatch(/^ 15 {2}edit {9}src\/cart\.js {2}\+1 −1 ● alive$/mu);
    expect(out).toMatch(/^ 16 {2}edit {9}CHANGELOG\.md {2}new, \+3 ● alive$/mu);
    expect(out).toMatch(/^ {5}commit {7}63563f29 Fix percentage discount$/mu);
    expect(out).toContain("1 secret replaced");
  });

  test("one step shows what went in and what came out", async () => {
    const { out } = await ot("trace show 111111:8");
    expect(out).toMatch(/^Step 8 {2}command \(Bash\) {2}exit 1$/mu);
    expect(out).toContain("  command: npm test\n");
    expect(out).toContain("Output\n");
  });

  test("the list names the session by letters that the other verbs take", async () => {
    const { out } = await ot("trace list");
    const [, row = ""] = out.split("\n");
    const [id = ""] = row.split(" ");
    expect((await ot(`trace show ${id}`)).code).toBe(0);
  });

  test("a pause is obeyed by the state that status shows, and taken back", async () => {
    expect(await json("capture pause")).toMatchObject({ root: cwd, state: "paused" });
    expect((await ot("status")).out).toContain("→ ot capture resume");
    expect(await json("capture resume")).toMatchObject({ root: cwd, state: "on" });
    expect(await json("capture exclude")).toMatchObject({ root: cwd, state: "excluded" });
  });

  test("help and errors too; so every verb that answers was held to its schema", async () => {
    await json("help");
    await json("help why");
    await json("why no-such-file.js:1", 4);
    await json("trace show nosuchtrace", 4);
    const verbs = commandTable.map(({ verb }) => verb).filter((verb) => verb !== "hook");
    const expected = [...verbs.map(schemaOf), "opentraces.error.v1"];
    expect([...validated].toSorted()).toEqual(expected.toSorted());
  });
});
