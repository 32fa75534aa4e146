import { expect, test } from "vitest";

import { foldLines } from "../support/claude-fold.ts";
import { type ClaudeLines, session } from "../support/claude-lines.ts";

function check(lines: ClaudeLines, abandoned: readonly number[]): void {
  const { steps } = foldLines(lines.lines).trace;
  const found = steps.filter(({ branch }) => branch === "abandoned").map(({ index }) => index);
  expect(found).toEqual(abandoned);
}

test("a prompt that hangs off an earlier record leaves everything since then behind", () => {
  const lines = session().user("One").says("1");
  const target = lines.last;
  lines.user("Two").says("2").user("Three").says("3").user("Two again", { parentUuid: target });
  check(lines.says("2 again"), [2, 3, 4, 5]);
});

test("after a rewind a command may come first, typed or run by hand", () => {
  const command = "<command-name>/model</command-name>";
  for (const words of [command, "<bash-input>ls</bash-input>"]) {
    const lines = session().user("One").says("1");
    const target = lines.last;
    lines.user("Two").says("2").user(words, { parentUuid: target }).user("Three");
    check(lines, [2, 3]);
  }
});

test("a second rewind to the same place leaves the first new branch behind as well", () => {
  const lines = session().user("One").says("1");
  const target = lines.last;
  lines.user("A").user("B", { parentUuid: target }).user("C", { parentUuid: target });
  check(lines, [2, 3]);
});

test("parallel calls hang side by side, and nothing of that is abandoned", () => {
  const lines = session().user("Go").call("t1", "Read", {}, "msg_1");
  const first = lines.last;
  lines
    .call("t2", "Read", {}, "msg_1")
    .result("t2", "two")
    .result("t1", "one", { parentUuid: first });
  check(lines.says("Done").user("Next", { parentUuid: first }), []);
});

test("a late API error that moves the tail to the start abandons nothing", () => {
  const lines = session().user("Go").says("1");
  const start = "uuid-1";
  lines.record("system", { subtype: "api_error", parentUuid: start, error: { formatted: "529" } });
  check(lines.says("2").user("Next").says("3"), []);
});

test("a compaction cuts the chain and abandons nothing, whatever its parents point to", () => {
  const lines = session().user("Go").says("Kept");
  const kept = lines.last;
  const compactMetadata = { trigger: "auto", preservedMessages: { uuids: [kept] } };
  lines
    .record("system", {
      subtype: "compact_boundary",
      parentUuid: null,
      logicalParentUuid: "never-written",
      compactMetadata,
    })
    .user("Summary", { isCompactSummary: true })
    .user("Next", { parentUuid: kept })
    .user("More", { parentUuid: "never-written" })
    .user("Last", { parentUuid: null });
  check(lines, []);
});

test("what was queued while the agent worked belongs to the branch", () => {
  const lines = session().user("One");
  const target = lines.last;
  lines.record("attachment", {
    attachment: { type: "queued_command", prompt: "And this", commandMode: "prompt" },
  });
  check(lines.says("2").user("Again", { parentUuid: target }), [1, 2]);
});

test("a record that stands in the file twice is folded once", () => {
  const lines = session().user("One").says("1");
  const { steps } = foldLines([...lines.lines, ...lines.lines]).trace;

  expect(steps).toHaveLength(2);
});

test("what a fork copied is marked, and its origin is named where the client says it", () => {
  const origin = "00000000-0000-4000-8000-00000000000f";
  const lines = session().user("Old prompt");
  lines.assistant("msg_1", { type: "text", text: "Old" }, { requestSessionId: origin });
  lines.user("New prompt").says("New");
  const { trace } = foldLines(lines.lines);

  expect(trace.steps.map(({ copied }) => copied)).toEqual([true, true, false, false]);
  expect(trace.facts.forkOf).toBe(origin);
});

test("what is older than its file is copied, also where an older client says nothing", () => {
  const opened = {
    type: "queue-operation",
    operation: "enqueue",
    timestamp: "2026-11-23T16:00:02.900Z",
  };
  const lines = session().raw(opened).user("Old").says("Old").user("New").says("New");
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ copied }) => copied)).toEqual([true, true, false, false]);
});

test("a compaction is one step with its summary and its numbers", () => {
  const compactMetadata = { trigger: "manual", preTokens: 13492, postTokens: 2950 };
  const lines = session()
    .user("Go")
    .record("system", { subtype: "compact_boundary", parentUuid: null, compactMetadata })
    .user("The summary", { isCompactSummary: true });
  const { steps } = foldLines(lines.lines).trace;

  expect(steps).toHaveLength(2);
  expect(steps[1]).toMatchObject({
    kind: "compaction",
    actor: "harness",
    text: "The summary",
    flags: ["trigger:manual", "tokens-before:13492", "tokens-after:2950"],
  });
});

test("a boundary without a summary is a step as soon as something else follows", () => {
  const lines = session().record("system", { subtype: "compact_boundary" }).user("Go");
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ kind }) => kind)).toEqual(["compaction", "prompt"]);
});
