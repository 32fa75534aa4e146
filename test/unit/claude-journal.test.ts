import { describe, expect, test } from "vitest";

import { assembleCtx } from "../../capture/ctx/nodes.ts";
import { claudeCode } from "../../capture/harness/claude-code/adapter.ts";
import { canonical, sha256 } from "../../capture/harness/claude-code/canonical.ts";
import { parseMessageVerdict } from "../../capture/harness/claude-code/journal-verdicts.ts";
import type { LineVerdict } from "../../capture/model/session.ts";
import { foldLines } from "../support/claude-fold.ts";
import { fixtureNames, readFixture } from "../support/fixture.mjs";

const shape = { system: [{ type: "text", text: "Be brief." }], tools: [{ name: "Read" }] };
const params = {
  betas: ["b"],
  max_tokens: 5,
  model: "claude-test",
  thinking: { type: "adaptive" },
};

type Message = { role: string; content: unknown };

const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const assistant = (text: string): Message => ({
  role: "assistant",
  content: [{ type: "text", text }],
});
const hashOf = (message: Message) => sha256(canonical(message));

/** A journal record of a request with these messages, the last one marked for the cache. */
function request(
  id: string,
  messages: readonly Message[],
  from: { base?: string; keep?: number; marks?: readonly number[] } = {},
): string {
  const { base, keep = 0, marks = [messages.length - 1] } = from;
  const value = { type: "ephemeral" };
  const body = structuredClone({ ...params, ...shape, messages });
  const cacheControl = marks.map((index) => ({ path: ["messages", index, "content", 0], value }));
  for (const index of marks) {
    const blocks = body.messages[index]?.content;
    if (Array.isArray(blocks)) Object.assign(blocks[0], { cache_control: value });
  }
  return JSON.stringify({
    type: "api-request",
    id,
    shapeHash: "s1",
    params,
    ...(base === undefined ? {} : { base }),
    keep,
    tail: messages.slice(keep).map(hashOf),
    cacheControl,
    requestDigest: sha256(canonical(body, true)),
  });
}

const shapeLine = JSON.stringify({ type: "api-request-shape", shapeHash: "s1", shape });
const line = (message: Message, id?: string) =>
  JSON.stringify({
    type: message.role,
    uuid: hashOf(message),
    message: { ...message, ...(id === undefined ? {} : { id }) },
  });

function observed(lines: readonly string[]): LineVerdict[] {
  const observer = claudeCode.openObserver();
  return lines.flatMap((text) => [...observer.observe(Buffer.from(text))]);
}

function digests(lines: readonly string[]): [string, boolean][] {
  return observed(lines)
    .filter(({ check }) => check === "request-digest")
    .map(({ of, ok }) => [of, ok]);
}

test("a request whose messages stand in the file before its first record verifies", () => {
  const one = user("One");
  expect(digests([line(one), shapeLine, request("r1", [one])])).toEqual([["r1", true]]);
});

test("each request verifies on the beginning that it shares with the last one", () => {
  const [a, b, c, d] = [user("a"), assistant("b"), user("c"), assistant("d")];
  const lines = [
    line(a),
    shapeLine,
    request("r1", [a]),
    line(b, "m1"),
    line(c),
    request("r2", [a, b, c], { base: "r1", keep: 1 }),
    line(d, "m2"),
    request("r3", [a, b, c, d], { base: "r2", keep: 3, marks: [1, 3] }),
    request("r4", [a, b], { base: "r3", keep: 2, marks: [] }),
    request("r5", [a, b, c], { base: "r3", keep: 3 }),
  ];
  expect(digests(lines)).toEqual(["r1", "r2", "r3", "r4", "r5"].map((id) => [id, true]));
});

test("a message that was changed after it was recorded does not verify", () => {
  const one = user("One");
  const tampered = request("r1", [one]).replace('"max_tokens":5', '"max_tokens":6');
  expect(digests([line(one), shapeLine, tampered])).toEqual([["r1", false]]);
});

test("a request of which something is not at hand gets no verdict", () => {
  const one = user("One");
  expect(digests([shapeLine, request("r1", [one])])).toEqual([]);
  expect(digests([line(one), request("r1", [one])])).toEqual([]);
  const orphan = request("r2", [one, user("Two")], { base: "never-seen", keep: 1 });
  expect(digests([line(one), shapeLine, orphan])).toEqual([]);
});

test("consecutive user records are one message, and so are those of one response", () => {
  const results = ["x", "y"].map((text) => ({
    type: "tool_result",
    tool_use_id: text,
    content: text,
  }));
  const merged = { role: "user", content: results };
  const answer = { role: "assistant", content: ["p", "q"].map((text) => ({ type: "text", text })) };
  const lines = [
    shapeLine,
    ...answer.content.map((block) => line({ role: "assistant", content: [block] }, "m1")),
    ...results.map((block) => line({ role: "user", content: [block] })),
    request("r1", [answer, merged]),
  ];
  const verdicts = observed(lines);

  expect(verdicts.map(parseMessageVerdict).filter((place) => place !== undefined)).toEqual([
    { hash: hashOf(answer), from: 4, to: 3, blocks: 2 },
    { hash: hashOf(merged), from: 2, to: 1, blocks: 2 },
  ]);
  expect(verdicts.at(-1)).toEqual({ check: "request-digest", of: "r1", ok: true });
});

test("a message may be the beginning of a run, even within a record", () => {
  const [first, second] = ["a", "b"].map((text) => ({ type: "text", text }));
  const sent = { role: "user", content: [first] };
  const { ctx } = foldLines([
    shapeLine,
    line({ role: "user", content: [first, second] }),
    request("r1", [sent]),
  ]);
  const file = assembleCtx(ctx);

  expect(file.nodes.map(({ fidelity }) => fidelity)).toEqual(["exact"]);
  expect(file.list(0).at(-1)).toBe(sha256(canonical(first)));
});

test("a prompt after a rewind begins a message of its own", () => {
  const [dropped, kept] = [user("Dropped"), { role: "user", content: "Kept" }];
  const sent = user("Kept");
  expect(digests([shapeLine, line(dropped), line(kept), request("r1", [sent])])).toEqual([
    ["r1", true],
  ]);
});

test("in a file without a journal nothing is parsed and nothing is said", () => {
  const big = line(user("x".repeat(1024 * 1024)));
  expect(observed(Array.from({ length: 20 }, () => big))).toEqual([]);
});

test("a journal that begins after very much text says nothing of what it cannot see", () => {
  const big = Array.from({ length: 9 }, (_, index) => user(`${index}`.repeat(1024 * 1024)));
  const after = user("After");
  const lines = [
    ...big.map((message) => line(message)),
    shapeLine,
    request("r1", [...big]),
    line(after),
    request("r2", [after]),
  ];
  expect(digests(lines)).toEqual([["r2", true]]);
});

test("broken, deep and odd records are passed over", () => {
  const content = "[".repeat(9000) + "]".repeat(9000);
  const deep = `{"type":"user","message":{"role":"user","content":${content}}}`;
  expect(
    observed([
      '{"type":"api-request","id":7}',
      '{"type":"api-request"',
      '{"type":"api-request-blob","hash":"h","message":null}',
      '{"type":"api-request-shape","shapeHash":"s2"}',
      '{"type":"api-request","id":"r","shapeHash":"s2","params":{},"tail":[1],"cacheControl":[{}]}',
      '{"type":"user","message":{"role":"user","content":{}}}',
      deep,
      "",
    ]),
  ).toEqual([]);
});

describe("after the gate", () => {
  const placeholder = "[[secret:token:3f2a91]]";

  test.each(fixtureNames())("every request of %s keeps its blocks", (name) => {
    const hide = (text: string) => text.replaceAll(/ghp_FAKE\w+|AKIA\w{16}/g, placeholder);
    for (const { text, path } of readFixture(name).files) {
      if (!path.endsWith(".jsonl")) continue;
      const lines = text.split("\n").filter((record) => record !== "");
      const raw = assembleCtx(foldLines(lines).ctx);
      const gated = assembleCtx(foldLines(lines, { gate: hide }).ctx);

      expect(gated.nodes).toEqual(raw.nodes);
      for (const { ordinal } of raw.nodes) {
        const kinds = (file: typeof raw) =>
          file.list(ordinal).map((hash) => file.blocks.get(hash)?.kind);
        expect(kinds(gated)).toEqual(kinds(raw));
      }
    }
  });
});
