import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { OtError } from "../../capture/base/errors.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

let cwd = "";
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "ot-cli-"));
  mkdirSync(path.join(cwd, "src"));
  writeFileSync(path.join(cwd, "three.txt"), "one\ntwo\nthree\n");
  writeFileSync(path.join(cwd, "odd:name.txt"), "one\n");
  writeFileSync(path.join(cwd, "-dash.txt"), "one\n");
  writeFileSync(path.join(cwd, "empty.txt"), "");
  writeFileSync(path.join(cwd, "logo.png"), Buffer.from([0x89, 0x50, 0, 1, 2]));
  symlinkSync("nowhere", path.join(cwd, "broken"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

test.each([
  ["why missing.txt:1", 4, "There is no file missing.txt. For a file that only history has"],
  ["why three.txt:9", 4, "three.txt has 3 lines; there is no line 9."],
  ["why three.txt:2:7", 4, "There is no file three.txt:2. Without the column: ot why three.txt:2"],
  ["why empty.txt:1", 4, "empty.txt has 0 lines; there is no line 1."],
  // A link is its target's name, as Git keeps it, also where that does not exist.
  ["why broken:2", 4, "broken has 1 line; there is no line 2."],
  ["why three.txt/x:1", 4, "There is no file three.txt/x."],
  ["why src:1", 2, "src is a folder; the question is about a file."],
  ["why logo.png:1", 2, "logo.png is a binary file: it has no lines."],
  ["trail blame src", 2, "src is a folder; the question is about a file."],
  ["trail blame logo.png", 2, "logo.png is a binary file: it has no lines."],
  ["trail blame missing.txt", 4, "There is no file missing.txt."],
  ["trail blame three.txt --lines 4,9", 4, "three.txt ends before line 4."],
  ["trace list --repo missing", 4, "There is no folder missing."],
  ["trace list --repo three.txt", 2, "three.txt is not a folder."],
  ["capture pause --repo missing", 4, "There is no folder missing."],
] as const)("ot %s exits with %d and says why", async (line, code, said) => {
  const run = await runOt(line.split(" "), { cwd, engine: engineThatSays("x") });
  expect(run.code).toBe(code);
  expect(run.err).toContain(said);
  expect(run.out).toBe("");
});

test.each([
  ["relative", "three.txt:2"],
  ["below a folder and up again", "src/../three.txt:2"],
  ["with a colon inside", "odd:name.txt:1"],
])("a path may be %s", async (_, word) => {
  const run = await runOt(["why", word], { cwd, engine: engineThatSays("x") });
  expect(run).toMatchObject({ code: 0, err: "" });
});

test("a path may be absolute, or begin with a dash behind --", async () => {
  const engine = engineThatSays("x");
  const asked: string[] = [];
  const why: typeof engine.why = (op, request) => {
    asked.push(request.file);
    return engine.why(op, request);
  };
  const spied = { ...engine, why };
  await runOt(["why", `${cwd}/three.txt:1`], { cwd: "/", engine: spied });
  await runOt(["why", "--", "-dash.txt:1"], { cwd, engine: spied });
  expect(asked).toEqual([`${cwd}/three.txt`, `${cwd}/-dash.txt`]);
});

const ambiguous = new OtError("ambiguous-trace", "Two sessions begin with 3f2a9c.", {
  hint: "Give more letters.",
  candidates: ["claude-code:3f2a9c1", "claude-code:3f2a9c2"],
});

test("an ambiguous prefix lists the candidates and exits with 4", async () => {
  const engine = { ...engineThatSays("x"), showTrace: () => Promise.reject(ambiguous) };
  const text = await runOt(["trace", "show", "3f2a9c"], { engine });
  expect(text).toEqual({
    code: 4,
    out: "",
    err: [
      "ot: Two sessions begin with 3f2a9c. Give more letters.",
      "  claude-code:3f2a9c1",
      "  claude-code:3f2a9c2",
      "",
    ].join("\n"),
  });
  const json = await runOt(["trace", "show", "3f2a9c", "--json"], { engine });
  expect(json.code).toBe(4);
  expect(JSON.parse(json.out)).toEqual({
    schema: "opentraces.error.v1",
    status: "error",
    error: {
      code: "ambiguous-trace",
      message: "Two sessions begin with 3f2a9c.",
      hint: "Give more letters.",
      candidates: ["claude-code:3f2a9c1", "claude-code:3f2a9c2"],
    },
  });
});

test("an error of another bundle's class keeps its code", async () => {
  const foreign = Object.assign(new Error("It is held."), {
    name: "OtError",
    code: "busy",
    candidates: [],
  });
  const engine = { ...engineThatSays("x"), status: () => Promise.reject(foreign) };
  const run = await runOt(["status"], { engine });
  expect(run).toEqual({ code: 6, out: "", err: "ot: It is held.\n" });
});

test("a fault that nobody foresaw is one sentence and exit code 1", async () => {
  const engine = { ...engineThatSays("x"), status: () => Promise.reject(new Error("a\nb")) };
  expect(await runOt(["status"], { engine })).toEqual({ code: 1, out: "", err: "ot: a b.\n" });
  const json = await runOt(["status", "--json"], { engine });
  expect(JSON.parse(json.out).error).toEqual({ code: "failed", message: "a b.", hint: null });
});

test("the engine is closed whatever happened", async () => {
  let closed = 0;
  const close = async () => void (closed += 1);
  const engine = { ...engineThatSays("x"), close, status: () => Promise.reject(new Error("no")) };
  await runOt(["status"], { engine });
  await runOt(["trace", "list"], { engine });
  expect(closed).toBe(2);
});
