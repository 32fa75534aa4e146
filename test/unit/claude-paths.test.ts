import { describe, expect, test } from "vitest";

import { claudeCode } from "../../capture/harness/claude-code/adapter.ts";
import { recordedPath } from "../../capture/harness/claude-code/paths.ts";

const id = "11111111-aaaa-4aaa-8aaa-000000000001";

test.each([
  [{}, "/home/dev/.claude/projects"],
  [{ CLAUDE_CONFIG_DIR: "" }, "/home/dev/.claude/projects"],
  [{ CLAUDE_CONFIG_DIR: "/data/claude" }, "/data/claude/projects"],
  [{ CLAUDE_CONFIG_DIR: "D:\\claude" }, "D:\\claude\\projects"],
])("with %j the sessions are in %s", (env, root) => {
  expect(claudeCode.roots({ home: "/home/dev", env })).toEqual([root]);
});

test.each([
  [`/r/-home-dev/${id}.jsonl`, id, null],
  [`C:\\r\\-home-dev\\${id.toUpperCase()}.jsonl`, id, null],
  [`/r/-home-dev/${id}/subagents/agent-a0dc70b2.jsonl`, id, "a0dc70b2"],
  [`/r/-home-dev/${id}/subagents/deeper/agent-aside-1.jsonl`, id, "aside-1"],
])("%s is a native file", (path, nativeId, agent) => {
  expect(claudeCode.classify(path)).toEqual({ harness: "claude-code", nativeId, agent, path });
});

test.each([
  `/r/-home-dev/${id}/tool-results/b1.txt`,
  `/r/-home-dev/${id}/subagents/agent-a.meta.json`,
  "/r/-home-dev/memory/notes.jsonl",
  "/r/-home-dev/not-a-session.jsonl",
  `/r/-home-dev/${id}.json`,
  "",
])("%j is none", (path) => {
  expect(claudeCode.classify(path)).toBeNull();
});

test("a file elsewhere is recognised by what its lines say", () => {
  const line = (members: object) => JSON.stringify({ type: "user", sessionId: id, ...members });

  expect(claudeCode.recognise("/x/a.jsonl", ["no json", "{}", line({})])).toMatchObject({
    nativeId: id,
    agent: null,
  });
  expect(claudeCode.recognise("/x/a.jsonl", [line({ agentId: "a1" })])).toMatchObject({
    agent: "a1",
  });
  expect(claudeCode.recognise("/x/a.jsonl", [line({ sessionId: "../../etc" })])).toBeNull();
  expect(claudeCode.recognise("/x/a.jsonl", ['{"type":"session_meta","payload":{}}'])).toBeNull();
});

test("a sub-agent's file has a companion that says who started it", () => {
  const path = `/r/s/${id}/subagents/agent-a1.jsonl`;
  const file = { harness: "claude-code", nativeId: id, agent: "a1", path } as const;

  expect(claudeCode.companions(file)).toEqual([`/r/s/${id}/subagents/agent-a1.meta.json`]);
  expect(claudeCode.companions({ ...file, agent: null })).toEqual([]);
  expect(
    claudeCode.companionFacts(
      '{"agentType":"Explore","description":"Find","toolUseId":"t1","x":1}',
    ),
  ).toEqual({ agentType: "Explore", agentDescription: "Find", parentCallId: "t1" });
  expect(claudeCode.companionFacts("[")).toEqual({});
});

describe("a path in a record", () => {
  test.each([
    ["/home/dev/shop/src/a.js", "src/a.js"],
    ["/home/dev/shop/../other/a.js", "/home/dev/other/a.js"],
    ["/home/dev/shopping/a.js", "/home/dev/shopping/a.js"],
    ["/home/dev/shop/..a.js", "..a.js"],
    ["/home/dev/shop", "/home/dev/shop"],
    ["a.js", "sub/a.js"],
  ])("of %s is %s", (path, expected) => {
    expect(recordedPath(path, { root: "/home/dev/shop", cwd: "/home/dev/shop/sub" })).toBe(
      expected,
    );
  });

  test("keeps its place without a root, and has slashes on Windows", () => {
    expect(recordedPath("/a/b.js", { root: null, cwd: null })).toBe("/a/b.js");
    expect(recordedPath("C:\\w\\src\\a.js", { root: "C:\\w", cwd: null })).toBe("src/a.js");
    expect(recordedPath("C:\\x\\a.js", { root: "C:\\w", cwd: null })).toBe("C:/x/a.js");
  });
});
