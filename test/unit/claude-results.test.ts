import { expect, test } from "vitest";

import { foldLines } from "../support/claude-fold.ts";
import { session } from "../support/claude-lines.ts";

const bash = (id: string, command = "npm test") => session().call(id, "Bash", { command });

test("results find their calls in whatever order they come", () => {
  const lines = session()
    .call("t1", "Read", { file_path: "/home/dev/shop/a.js" }, "msg_1")
    .call("t2", "Grep", { pattern: "x" }, "msg_1")
    .call("t3", "Bash", { command: "ls" }, "msg_1")
    .result("t3", "three")
    .result("t1", "one")
    .result("t2", "two");
  const { steps } = foldLines(lines.lines, { root: "/home/dev/shop" }).trace;

  expect(steps.map(({ kind, tool }) => [kind, tool?.output])).toEqual([
    ["read", "one"],
    ["search", "two"],
    ["command", "three"],
  ]);
});

test("a result without a call is an issue with its place", () => {
  const lines = session().user("Go").result("lost", "text");
  const { issues } = foldLines(lines.lines);

  expect(issues).toEqual([
    {
      file: "/home/dev/.claude/projects/-shop/00000000-0000-4000-8000-000000000001.jsonl",
      line: 2,
      offset: Buffer.byteLength(lines.lines[0] ?? "") + 1,
      rule: "tool-result-without-call",
      message: 'No call "lost" was made before its result.',
    },
  ]);
});

test.each([
  ["0 where it ran well", { toolUseResult: { stdout: "ok", stderr: "" } }, "ok", 0],
  ["as the client says it", { is_error: true }, "Exit code 3\nls: no", 3],
  [
    "1 where the client explains it",
    { toolUseResult: { stdout: "", returnCodeInterpretation: "No matches found" } },
    "",
    1,
  ],
  [
    "none while it runs on",
    { toolUseResult: { stdout: "", backgroundTaskId: "b1" } },
    "Running",
    null,
  ],
  [
    "none where it was interrupted",
    { toolUseResult: { stdout: "x", interrupted: true } },
    "x",
    null,
  ],
  [
    "none where it did not run",
    { is_error: true, toolDenialKind: "permission-rule" },
    "denied",
    null,
  ],
] as const)("the exit code of a command is %s", (_, members, said, expected) => {
  const { steps } = foldLines(bash("t1").result("t1", said, members).lines).trace;

  expect(steps[0]?.tool?.exitCode).toBe(expected);
});

test("both streams of a command are its output, and a long one has more beside it", () => {
  const toolUseResult = {
    stdout: "out",
    stderr: "err",
    persistedOutputPath: "/home/dev/.claude/projects/-shop/s/tool-results/x.txt",
  };
  const lines = bash("t1").result("t1", "<persisted-output>\nToo large.", { toolUseResult });
  const { steps, attachments } = foldLines(lines.lines).trace;

  expect(steps[0]?.tool?.output).toBe("out\nerr");
  expect(attachments.get(0)).toEqual([toolUseResult.persistedOutputPath]);
});

test("a sub-agent's long output is found by what the model was told", () => {
  const said = "<persisted-output>\nOutput too large (39.1KB). Full output saved to: /s/x.txt\n\nA";
  const { attachments } = foldLines(bash("t1").result("t1", said).lines).trace;

  expect(attachments.get(0)).toEqual(["/s/x.txt"]);
});

test("a background call learns later how it ended, and keeps what it printed at first", () => {
  const notification =
    "<task-notification>\n<task-id>b1</task-id>\n<tool-use-id>t1</tool-use-id>\n" +
    "<status>failed</status>\n<summary>Background command failed with exit code 7</summary>\n" +
    "</task-notification>";
  const lines = bash("t1", "sleep 2")
    .result("t1", "Command running", { toolUseResult: { stdout: "", backgroundTaskId: "b1" } })
    .user(notification, { promptSource: "system" });
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ kind }) => kind)).toEqual(["command", "notice"]);
  expect(steps[0]).toMatchObject({
    flags: ["background", "task:failed"],
    tool: { output: "Command running", error: true, exitCode: 7 },
  });
});

test.each([
  [
    "rejected",
    "The user doesn't want to proceed with this tool use.",
    { toolUseResult: "User rejected tool use" },
  ],
  ["denied", "Hook error: blocked", { toolDenialKind: "permission-rule" }],
  ["denied", "No.", { permissionDecision: { decision: "reject" } }],
  ["interrupted", "[Request interrupted by user for tool use]", {}],
])("a call that did not happen is flagged %s: %s", (flag, said, members) => {
  const lines = bash("t1").result("t1", said, { is_error: true, ...members });

  expect(foldLines(lines.lines).trace.steps[0]?.flags).toEqual([flag]);
});

test("the sub-agent that a call started is known from its result", () => {
  const lines = session()
    .call("t1", "Agent", { description: "Search", prompt: "Find it" })
    .result("t1", "Launched", { toolUseResult: { isAsync: true, agentId: "a0dc" } });
  const { trace } = foldLines(lines.lines);

  expect(trace.startedAgents.get(0)).toBe("a0dc");
  expect(trace.steps[0]).toMatchObject({ kind: "subagent", text: "Search", flags: ["background"] });
});

test("usage counts once a response, on its first step, and follows the larger numbers", () => {
  const usage = (output_tokens: number) => ({ usage: { input_tokens: 10, output_tokens } });
  const text = (words: string) => ({ type: "text", text: words });
  const lines = session()
    .assistant("msg_1", text("\n\n"), usage(1))
    .assistant("msg_1", text("One"), usage(1))
    .assistant("msg_1", text("Two"), usage(40))
    .assistant("msg_2", text("Three"), usage(5));
  const { records, trace } = foldLines(lines.lines);

  expect(trace.steps.map(({ tokens }) => tokens?.output)).toEqual([40, undefined, 5]);
  expect(records.filter(({ r }) => r === "usage")).toHaveLength(3);
});

test("each tool has its kind, and one that is not known is a tool", () => {
  const names = [
    "Read",
    "Grep",
    "ToolSearch",
    "MultiEdit",
    "KillShell",
    "WebFetch",
    "Task",
    "Skill",
    "TodoWrite",
    "mcp__x__y",
  ];
  const lines = session();
  for (const [index, name] of names.entries()) lines.call(`t${index}`, name, {});
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ kind }) => kind)).toEqual([
    "read",
    "search",
    "search",
    "edit",
    "command",
    "web",
    "subagent",
    "skill",
    "plan",
    "tool",
  ]);
});

test("what the client wrote in the model's name is a notice and no response", () => {
  const lines = session().assistant(
    "msg_x",
    { type: "text", text: "API Error: 529" },
    { model: "<synthetic>", isApiErrorMessage: true, usage: { input_tokens: 0 } },
  );
  const { trace, ctx } = foldLines(lines.lines);

  expect(trace.steps[0]).toMatchObject({
    kind: "notice",
    request: null,
    model: null,
    tokens: null,
  });
  expect(trace.facts.models).toBeUndefined();
  expect(ctx).toEqual([]);
});

test("placeholders of the gate are counted on the step that holds them", () => {
  const placeholder = "[[secret:github-token:3f2a91]]";
  const lines = session()
    .user("My token is ghp_x, really ghp_x")
    .call("t1", "Bash", { command: "echo ghp_x" })
    .result("t1", "ghp_x");
  const { steps } = foldLines(lines.lines, {
    gate: (line) => line.replaceAll("ghp_x", placeholder),
  }).trace;

  expect(steps.map(({ redactions }) => redactions)).toEqual([2, 3]);
});

test("a placeholder that a person typed is not counted", () => {
  const { steps } = foldLines(session().user("[[secret:github-token:3f2a91]]").lines).trace;

  expect(steps[0]?.redactions).toBe(0);
});

test("a result that stands before its call is told of, and joined once the call is there", () => {
  const { lines } = session().call("t1", "Bash", { command: "ls" }).result("t1", "a.js");
  const { trace, records, issues } = foldLines(lines.toReversed());

  expect(trace.steps).toMatchObject([{ tool: { output: "a.js", exitCode: 0 } }]);
  const result = records.find(({ r }) => r === "result");
  expect(result).toMatchObject({ line: 1, atMs: Date.UTC(2026, 10, 23, 16, 0, 2) });
  expect(issues.map(({ rule, line }) => [rule, line])).toEqual([["tool-result-without-call", 1]]);
});

test("a call that is written down again, under another name, is one step", () => {
  const again = session().call("t1", "Bash", { command: "ls" }).call("t1", "Bash", {
    command: "ls",
  });
  const { steps } = foldLines(again.result("t1", "a.js").lines).trace;

  expect(steps.map(({ tool }) => tool?.output)).toEqual(["a.js"]);
});

test("what cannot be read in a result is an issue, and what a search found is its words", () => {
  const found = { type: "web_search_result", title: "Docs", url: "https://example.org/" };
  const lines = session()
    .call("t1", "WebSearch", { query: "docs" })
    .result("t1", [{ type: "text", text: "Found:" }, found, { type: "hologram" }]);
  const { trace, issues } = foldLines(lines.lines);

  expect(trace.steps[0]?.tool?.output).toBe("Found:\nDocs https://example.org/");
  expect(issues.map(({ message }) => message)).toEqual([
    'Blocks of type "hologram" are not known in results.',
  ]);
});
