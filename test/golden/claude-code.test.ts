import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { assembleCtx } from "../../capture/ctx/nodes.ts";
import { claudeCode } from "../../capture/harness/claude-code/adapter.ts";
import { canonical, sha256 } from "../../capture/harness/claude-code/canonical.ts";
import { type FoldedFile, foldLines } from "../support/claude-fold.ts";
import {
  type Fixture,
  type FixtureRequest,
  fixtureNames,
  readFixture,
  RECORDED_CONFIG,
} from "../support/fixture.mjs";
import { renderTrace } from "./render-trace.ts";

const billingHeader = /^x-anthropic-billing-header/;

describe.each(fixtureNames())("%s", (name) => {
  const fixture = readFixture(name);
  const files = foldFixture(fixture);
  const steps = [...files.values()].flatMap(({ trace }) => trace.steps);

  test.each([...files.keys()])(
    "%s folds into the steps that were read by a person",
    async (path) => {
      const golden = join(
        import.meta.dirname,
        "claude-code",
        name,
        `${path.split("/").at(-1)}.txt`,
      );
      await expect(renderTrace(files.get(path) ?? foldLines([]))).toMatchFileSnapshot(golden);
    },
  );

  test("every tool call that the model made is a step, and none is there twice", () => {
    const made = fixture.requests.flatMap(({ response }) => callIdsOf(response.blocks ?? []));
    const own = steps.filter(({ copied }) => !copied);
    const folded = own.flatMap(({ tool }) => (tool === null ? [] : [tool.callId]));

    expect(folded.toSorted()).toEqual(made.toSorted());
    expect(new Set(folded).size).toBe(folded.length);
  });

  test("every result that the model was given is joined to its call", () => {
    const given = new Set(
      fixture.requests.flatMap(({ body }) =>
        body.messages.flatMap(({ content }) =>
          content.filter(({ type }) => type === "tool_result").map((block) => block["tool_use_id"]),
        ),
      ),
    );
    const joined = new Set(
      steps.flatMap(({ tool }) => (tool !== null && tool.output !== null ? [tool.callId] : [])),
    );
    expect([...given].filter((id) => !joined.has(String(id)))).toEqual([]);
  });

  test("tokens add up to what the responses reported, each counted once", () => {
    const reported = fixture.requests.filter(isTurn).map(({ response }) => response.usage ?? {});
    const counted = steps.flatMap(({ tokens, copied }) =>
      tokens === null || copied ? [] : [tokens],
    );

    expect(sum(counted.map(({ input }) => input))).toBe(
      sum(reported.map((u) => u["input_tokens"])),
    );
    expect(sum(counted.map(({ output }) => output))).toBe(
      sum(reported.map((u) => u["output_tokens"])),
    );
  });

  test("every recorded request has the digest of one that was sent", () => {
    const requests = [...files.values()].flatMap(({ verdicts }) =>
      verdicts.filter(({ check }) => check === "request-digest"),
    );
    expect(requests.filter(({ ok }) => !ok)).toEqual([]);
    expect(requests).toHaveLength(journalOf(fixture).size);
  });

  test("an exact node has the very blocks of the request that was sent", () => {
    const sent = new Map(fixture.requests.map((request) => [request.digest, blockHashes(request)]));
    const journal = journalOf(fixture);
    let exact = 0;
    for (const { ctx } of files.values()) {
      const file = assembleCtx(ctx);
      for (const { ordinal, journal: id, fidelity } of file.nodes) {
        if (fidelity !== "exact" || id === null) continue;
        expect(file.list(ordinal)).toEqual(sent.get(journal.get(id) ?? ""));
        exact += 1;
      }
      for (const { ordinal } of file.nodes) {
        expect(file.list(ordinal).filter((hash) => !file.blocks.has(hash))).toEqual([]);
      }
    }
    expect(exact).toBe(journal.size);
  });

  test("a rebuilt node has blocks of the request that was sent, in their order", () => {
    const sent = new Map(fixture.requests.map((request) => [request.response.id, request]));
    for (const { ctx } of files.values()) {
      const file = assembleCtx(ctx);
      for (const { ordinal, request, fidelity } of file.nodes) {
        const truth = request === null ? undefined : sent.get(request);
        if (fidelity !== "rebuilt" || truth === undefined) continue;
        expect(isWithin(file.list(ordinal), blockHashes(truth))).toBe(true);
      }
    }
  });

  test("each line's step, result or reason stands in the file of the line", () => {
    for (const file of fixture.files) {
      const folded = files.get(file.path);
      if (folded === undefined) continue;
      expect(folded.issues).toEqual([]);
      expect(folded.trace.steps.map(({ index }) => index)).toEqual(
        folded.trace.steps.map((_, i) => i),
      );
    }
  });
});

function foldFixture(fixture: Fixture): ReadonlyMap<string, FoldedFile> {
  const folded = new Map<string, FoldedFile>();
  for (const { path, text } of fixture.files) {
    const ref = claudeCode.classify(join(RECORDED_CONFIG, path));
    if (ref === null) continue;
    const lines = text.split("\n").filter((line) => line !== "");
    folded.set(path, foldLines(lines, { ref, root: fixture.cwd }));
  }
  return folded;
}

/** Recorded digests by the id of the journal's request. */
function journalOf(fixture: Fixture): ReadonlyMap<string, string> {
  const records = fixture.files.flatMap((file) => file.records);
  const requests = records.filter(({ type }) => type === "api-request");
  return new Map(requests.map((record) => [String(record["id"]), String(record["requestDigest"])]));
}

function blockHashes({ body }: FixtureRequest): string[] {
  const system = body.system.filter((part) => !billingHeader.test(String(part["text"])));
  const messages = body.messages.flatMap(({ content }) => blocks(content));
  return [...system, ...body.tools, ...messages].map((block) => sha256(canonical(block)));
}

function blocks(content: unknown): readonly unknown[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : [content].flat();
}

function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const hash of whole) if (part[at] === hash) at += 1;
  return at === part.length;
}

function isTurn({ queue, response }: FixtureRequest): boolean {
  return queue !== "compact" && typeof response.id === "string";
}

function callIdsOf(content: readonly Readonly<Record<string, unknown>>[]): string[] {
  return content.filter(({ type }) => type === "tool_use").map((block) => String(block["id"]));
}

function sum(values: readonly unknown[]): number {
  return values.reduce<number>((total, value) => total + Number(value ?? 0), 0);
}
