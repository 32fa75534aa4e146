import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { claudeCode } from "../../capture/harness/claude-code/adapter.ts";
import {
  silentAttachments,
  skippedSubtypes,
  skippedTypes,
} from "../../capture/harness/claude-code/known-names.ts";
import { foldLines } from "../support/claude-fold.ts";
import { fixtureNames, readFixture } from "../support/fixture.mjs";

const runs = 300;

const fixtureLines = fixtureNames().flatMap((name) =>
  readFixture(name).files.flatMap(({ path, text }) =>
    path.endsWith(".jsonl") ? text.split("\n").filter((line) => line !== "") : [],
  ),
);

const anyLine = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.constantFrom(...fixtureLines),
  mutatedLine(),
);

/** A real line with one value somewhere in it replaced, removed, or moved into a list. */
function mutatedLine(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...fixtureLines),
      fc.nat(),
      fc.jsonValue(),
      fc.constantFrom("set", "drop", "wrap"),
    )
    .map(([line, at, value, how]) => {
      const record: unknown = JSON.parse(line);
      const places = placesIn(record);
      const place = places[at % places.length];
      if (place === undefined) return line;
      const { target, key } = place;
      if (how === "drop") Reflect.deleteProperty(target, key);
      else Reflect.set(target, key, how === "set" ? value : [Reflect.get(target, key)]);
      return JSON.stringify(record);
    });
}

function placesIn(value: unknown): { target: object; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    { target: value, key },
    ...placesIn(member),
  ]);
}

test("no line throws, and every line is a record, an issue, or known to say nothing", () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
      const { records, ctx, issues } = foldLines(lines);
      for (const record of [...records, ...ctx, ...issues]) JSON.stringify(record);
      const accounted = new Set([
        ...records.map((record) => ("line" in record ? record.line : 0)),
        ...records.flatMap((record) => (record.r === "step" ? [record.step.source.line] : [])),
        ...issues.map(({ line }) => line),
      ]);
      const seen = new Set<string>();
      for (const [index, line] of lines.entries()) {
        if (!accounted.has(index + 1)) expect(saysNothing(line, seen), line).toBe(true);
        const uuid = memberOf(parsed(line), "uuid");
        if (typeof uuid === "string") seen.add(uuid);
      }
    }),
    { numRuns: runs },
  );
});

test("bytes that are no text are an issue, never a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const observer = claudeCode.openObserver();
      observer.observe(Buffer.from(bytes));
      const { issues } = foldLines([Buffer.from(bytes).toString("utf8")]);
      const text = Buffer.from(bytes).toString("utf8");
      if (typeof parsed(text) !== "object") expect(issues).toHaveLength(1);
    }),
    { numRuns: runs },
  );
});

describe.each(["user", "assistant", "system", "attachment", "api-request"])("a %s line", (type) => {
  test("of any shape is folded or reported", () => {
    const record = fc.dictionary(
      fc.constantFrom(
        "uuid",
        "message",
        "attachment",
        "subtype",
        "content",
        "tail",
        "id",
        "isMeta",
      ),
      fc.oneof(fc.jsonValue(), fc.record({ content: fc.jsonValue(), type: fc.string() })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        foldLines(records.map((members) => JSON.stringify({ ...members, type })));
      }),
      { numRuns: runs },
    );
  });
});

test("a session cut anywhere folds to the beginning of what it folds to whole", () => {
  for (const name of fixtureNames()) {
    const [file] = readFixture(name).files.filter(({ path }) => path.endsWith(".jsonl"));
    const lines = (file?.text ?? "").split("\n").filter((line) => line !== "");
    const whole = foldLines(lines);
    fc.assert(
      fc.property(fc.nat({ max: lines.length }), (end) => {
        const part = foldLines(lines.slice(0, end));
        expect(part.records).toEqual(whole.records.slice(0, part.records.length));
        expect(part.ctx).toEqual(whole.ctx.slice(0, part.ctx.length));
      }),
      { numRuns: 20 },
    );
  }
});

test("nesting deeper than the stack is an issue", () => {
  const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
  const content = deep("[", "]");
  const input = deep('{"a":', "}").replace("}", "1}");
  const call = `{"type":"tool_use","id":"t","name":"X","input":${input}}`;
  const { issues, trace } = foldLines([
    `{"type":"user","message":{"content":${content}}}`,
    `{"type":"assistant","message":{"content":[${call}]}}`,
    `{"type":"user","message":{"content":"Go"}}`,
  ]);
  expect(issues.map(({ rule }) => rule)).toEqual(["line-not-understood", "line-not-understood"]);
  expect(trace.steps).toHaveLength(1);
});

/** Lines that are passed over on purpose. */
function saysNothing(line: string, seen: ReadonlySet<string>): boolean {
  const record = parsed(line);
  const type = String(memberOf(record, "type"));
  if (skippedTypes.has(type) || type.startsWith("api-request") || type.endsWith("-title"))
    return true;
  if (seen.has(String(memberOf(record, "uuid")))) return true;
  if (type === "system") {
    const subtype = String(memberOf(record, "subtype"));
    return (
      skippedSubtypes.has(subtype) || subtype === "compact_boundary" || !memberOf(record, "content")
    );
  }
  if (type === "attachment") {
    return silentAttachments.has(String(memberOf(memberOf(record, "attachment"), "type")));
  }
  // A message of nothing but white space, or with no blocks at all.
  const content = memberOf(memberOf(record, "message"), "content");
  return type === "assistant" || type === "user" ? isBlank(content) : false;
}

function isBlank(content: unknown): boolean {
  if (!Array.isArray(content)) return false;
  return content.every((block) => {
    const text = memberOf(block, "text");
    return memberOf(block, "type") === "text" && typeof text === "string" && text.trim() === "";
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
