import { describe, expect, test } from "vitest";

import { countFidelity } from "../../capture/ctx/fidelity.ts";
import { assembleCtx, nodeOfCompaction, nodeOfRequest } from "../../capture/ctx/nodes.ts";
import type { CtxRecord, NodeRecord } from "../../capture/model/ctx.ts";
import { foldLines } from "../support/claude-fold.ts";
import { session } from "../support/claude-lines.ts";

function node(members: Partial<NodeRecord>): NodeRecord {
  const nothing = { request: null, journal: null, line: 1, model: null, missing: [] };
  return { r: "node", base: null, keep: 0, tail: [], ...nothing, ...members };
}

test("a node's list is the beginning of its base's and its own tail, however far back", () => {
  const file = assembleCtx([
    node({ tail: ["a", "b", "c"] }),
    node({ base: 0, keep: 3, tail: ["d"] }),
    node({ base: 1, keep: 2, tail: ["e"] }),
    node({ base: 0, keep: 9, tail: [] }),
    node({ tail: ["f"] }),
  ]);
  expect([0, 1, 2, 3, 4, 5].map((ordinal) => file.list(ordinal))).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c", "d"],
    ["a", "b", "e"],
    ["a", "b", "c"],
    ["f"],
    [],
  ]);
});

test("verdicts add up, and one about no node is passed over", () => {
  const reported = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 };
  const { nodes } = assembleCtx([
    node({ journal: "j" }),
    { r: "verdict", of: 0, fidelity: "exact", verifiedBy: "digest" },
    { r: "verdict", of: 0, request: "msg_1", reported },
    { r: "verdict", of: 7, fidelity: "exact" },
  ]);
  expect(nodes).toEqual([
    expect.objectContaining({
      request: "msg_1",
      fidelity: "exact",
      verifiedBy: "digest",
      reported,
    }),
  ]);
});

test("a response has the better of two nodes", () => {
  const file = assembleCtx([
    node({ request: "msg_1" }),
    node({ request: "msg_1" }),
    { r: "verdict", of: 0, fidelity: "exact" },
    { r: "verdict", of: 1, fidelity: "rebuilt" },
  ]);
  expect(nodeOfRequest(file, "msg_1")?.ordinal).toBe(0);
  expect(nodeOfRequest(file, "msg_2")).toBeUndefined();
});

test.each([
  [[], "unknown"],
  [["exact", "exact"], "exact"],
  [["exact", "rebuilt"], "rebuilt"],
  [["exact", "rebuilt", "unknown"], "unknown"],
] as const)("the worst of %j is %s", (nodes, worst) => {
  const counts = countFidelity(nodes.map((fidelity) => ({ fidelity })));
  expect(counts.worst).toBe(worst);
  expect(counts.exact + counts.rebuilt + counts.unknown).toBe(nodes.length);
});

describe("a transcript without a journal", () => {
  /** Kinds of the blocks of each node. */
  function kinds(records: readonly CtxRecord[]): string[] {
    const file = assembleCtx(records);
    return file.nodes.map(({ ordinal, missing }) => {
      const blocks = file.list(ordinal).map((hash) => file.blocks.get(hash)?.kind ?? "lost");
      return `${blocks.join(" ")} | ${missing.map(({ what }) => what).join(" ")}`;
    });
  }

  test("gives a node a response: what stood before it, and what is missing", () => {
    const lines = session()
      .user("Go")
      .call("t1", "Read", { file_path: "/a" }, "msg_1")
      .result("t1", "text")
      .says("Done", "msg_2");
    const { ctx } = foldLines(lines.lines);

    expect(kinds(ctx)).toEqual([
      "user | system tools",
      "user tool-call tool-result | system tools",
    ]);
    expect(assembleCtx(ctx).nodes.map(({ request, fidelity }) => [request, fidelity])).toEqual([
      ["msg_1", "rebuilt"],
      ["msg_2", "rebuilt"],
    ]);
  });

  test("knows system prompt and tools where a snapshot of them was written", () => {
    const attachment = {
      type: "prompt_snapshot",
      systemPrompt: ["Be brief."],
      tools: [{ name: "Read" }],
    };
    const lines = session()
      .record("attachment", { attachment })
      .record("attachment", {
        attachment: { type: "date" },
        rendered: [{ content: "<system-reminder>Monday</system-reminder>" }],
      })
      .user("Go")
      .says("Done", "msg_1");

    expect(kinds(foldLines(lines.lines).ctx)).toEqual(["system tools reminder user | "]);
  });

  test("begins anew after a compaction, whose own request is a node", () => {
    const lines = session()
      .user("Go")
      .says("Done", "msg_1")
      .record("system", { subtype: "compact_boundary" })
      .user("Summary", { isCompactSummary: true })
      .user("More")
      .says("Yes", "msg_2");
    const { ctx, trace } = foldLines(lines.lines);

    expect(kinds(ctx)).toEqual([
      "user | system tools",
      "user assistant | system tools compaction-prompt",
      "compaction user | system tools",
    ]);
    const step = trace.steps.find(({ kind }) => kind === "compaction");
    expect(nodeOfCompaction(assembleCtx(ctx), step?.source.line ?? 0)?.ordinal).toBe(1);
  });

  test("goes back with a rewind", () => {
    const lines = session().user("One").says("1", "msg_1");
    const target = lines.last;
    lines.user("Two").says("2", "msg_2").user("Other", { parentUuid: target }).says("3", "msg_3");

    expect(kinds(foldLines(lines.lines).ctx).at(-1)).toBe("user assistant user | system tools");
  });

  test("says that it knows nothing of a response without anything before it", () => {
    const { nodes } = assembleCtx(foldLines(session().says("Hello", "msg_1").lines).ctx);

    expect(nodes[0]?.fidelity).toBe("unknown");
  });

  test("a block stands once, with its step and its place", () => {
    const lines = session().user("Go").says("Go", "msg_1").user("Go").says("Done", "msg_2");
    const blocks = foldLines(lines.lines).ctx.filter((record) => record.r === "block");

    expect(blocks.map(({ at, step }) => [at?.line, at?.path, step])).toEqual([
      [1, ["message", "content"], 0],
    ]);
  });
});
