import { createHash } from "node:crypto";
import { expect, test } from "vitest";

import { foldLines } from "../support/claude-fold.ts";
import { type ClaudeLines, session } from "../support/claude-lines.ts";

const root = "/home/dev/shop";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const attach = (lines: ClaudeLines, attachment: object) =>
  lines.record("attachment", { attachment });
const memory = (path: string, content: object) => ({
  type: "nested_memory",
  path,
  content: { path, type: "Project", ...content },
});

function started(): ClaudeLines {
  const lines = session().user("Go");
  const snapshot = { platform: "linux", osVersion: "Linux 6.1.0", shell: "bash" };
  attach(lines, { type: "environment", snapshot });
  attach(lines, { type: "skill_listing", names: ["greet", "mine"], content: "- greet: …" });
  const files = [{ path: `${root}/CLAUDE.md`, content: "Use tabs." }];
  return attach(lines, { type: "instructions", files });
}

test("the environment is told once, before the first response, with nothing guessed", () => {
  const folded = foldLines(started().says("Yes.").says("Done.").lines, { root });
  const told = folded.records.filter(
    (record) => record.r === "session" && record.facts.environment !== undefined,
  );

  expect(told).toHaveLength(1);
  expect(folded.issues).toEqual([]);
  expect(folded.trace.facts.environment).toEqual({
    head: null,
    headTree: null,
    snapshot: null,
    os: "linux 6.1.0",
    arch: null,
    runtimes: null,
    lockFiles: null,
    instructions: { "CLAUDE.md": null },
    skills: { greet: null, mine: null },
  });
});

test("an instruction file that stands whole in its record has the hash of the file", () => {
  const lines = started().says("Yes.");
  const nested = memory(`${root}/sub/CLAUDE.md`, {
    content: " a \n",
    contentDiffersFromDisk: false,
  });
  const rule = { content: "b", rawContent: "---\n---\nb", contentDiffersFromDisk: true };
  attach(lines, nested);
  attach(lines, memory(`${root}/.claude/rules/b.md`, rule));
  attach(lines, memory("/etc/other.md", { content: "c" }));
  const { facts } = foldLines(lines.says("Done.").lines, { root }).trace;

  expect(facts.environment?.instructions).toEqual({
    "CLAUDE.md": null,
    "sub/CLAUDE.md": sha256(" a \n"),
    ".claude/rules/b.md": sha256("---\n---\nb"),
    "/etc/other.md": null,
  });
});

test("what the gate changed has no hash", () => {
  const whole = { content: "key=hunter2", contentDiffersFromDisk: false };
  const lines = attach(session().user("Go"), memory(`${root}/CLAUDE.md`, whole)).says("Yes.");
  const gate = (line: string) => line.replace("hunter2", "[[secret:password:0a1b2c]]");
  const { facts } = foldLines(lines.lines, { root, gate }).trace;

  expect(facts.environment?.instructions).toEqual({ "CLAUDE.md": null });
});

test.each([
  { type: "environment" },
  { type: "environment", snapshot: "linux" },
  { type: "environment", snapshot: { platform: 1, osVersion: [] } },
  { type: "skill_listing", names: [1, {}] },
  { type: "instructions", files: [null, 1, { path: 2 }, { path: "" }] },
  { type: "nested_memory", content: "text" },
])("an attachment that says nothing of use says nothing: %j", (attachment) => {
  const { trace, issues } = foldLines(attach(session().user("Go"), attachment).says("Yes.").lines);

  expect(trace.facts.environment).toBeUndefined();
  expect(issues).toEqual([]);
});

test("a sub-agent's file tells nothing of the session", () => {
  const { facts } = foldLines(started().says("Yes.").lines, { ref: { agent: "a1" } }).trace;
  expect(facts.environment).toBeUndefined();
});
