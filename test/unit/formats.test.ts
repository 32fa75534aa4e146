import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importFixtures, type ImportedFixtures } from "../support/imported-fixtures.ts";
import {
  applied,
  blob,
  contentLines,
  gitBlobId,
  type Hunk,
  type Json,
  lines,
  nativeFiles,
  records,
  unitsBelow,
} from "../support/plain-reader.ts";

// Everything below is read as `capture/ARCHITECTURE.md` describes it, without the product's code.

let imported: ImportedFixtures;
let units: string[];
let key: Buffer;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "ot-formats-"));
  mkdirSync(join(dir, "home"));
  imported = await importFixtures(dir);
  key = readFileSync(join(imported.home, "key"));
  units = unitsBelow(join(imported.home, "bucket", "sessions"));
}, 60_000);

afterAll(() => rmSync(imported.dir, { recursive: true, force: true }));

test("A home holds a key of 32 bytes, and units by harness, month and native id", () => {
  expect(key).toHaveLength(32);
  expect(units).toHaveLength(4);
  for (const unit of units) {
    const session = JSON.parse(readFileSync(join(unit, "session.json"), "utf8")) as Json;
    expect(session["schema"]).toBe("opentraces.session.v1");
    expect(unit).toContain(`/${String(session["harness"])}/`);
    expect(unit.endsWith(String(session["nativeId"]))).toBe(true);
  }
});

test("Each source line stands for the raw line that its map record names", () => {
  let gated = 0;
  for (const unit of units) {
    for (const { part, number } of nativeFiles(unit)) {
      const source = lines(join(unit, `source${part}.jsonl`));
      const map = records(join(unit, `source${part}.map`));
      expect(map).toHaveLength(source.length);
      const session = JSON.parse(readFileSync(join(unit, "session.json"), "utf8")) as {
        files: Json[];
      };
      const file = session.files.find((native) => native["file"] === number);
      const native = readFileSync(String(file?.["path"]));
      expect(file).toMatchObject({ lines: source.length, offset: native.length, generation: 0 });
      for (const [at, record] of map.entries()) {
        const start = Number(record["o"]);
        const raw = native.subarray(start, start + Number(record["l"]));
        expect(native[start + raw.length]).toBe(0x0a);
        expect(record["h"]).toBe(createHmac("sha256", key).update(raw).digest("hex"));
        expect(record["g"]).toBe(0);
        if (record["s"] === undefined) expect(source[at]).toBe(raw.toString("utf8"));
        else if (record["s"] === "gated") {
          gated += 1;
          expect(source[at]).toMatch(/\[\[secret:[a-z-]+:[0-9a-f]{6}\]\]/);
          expect(record["x"]).not.toEqual([]);
        } else {
          const wrapped = JSON.parse(source[at] ?? "") as Json;
          expect(wrapped["opentraces"]).toBe("undecodable");
          expect(Buffer.from(String(wrapped["base64"]), "base64").toString()).toBe(raw.toString());
        }
      }
      const verdicts = map.flatMap((record) => (record["v"] ?? []) as Json[]);
      expect(verdicts[0]).toMatchObject({ check: "path", of: file?.["path"] });
      expect(verdicts.filter(({ check }) => check === "root")).toHaveLength(1);
    }
  }
  expect(gated).toBeGreaterThan(0);
});

test("Digests and lengths in session.json are those of the files", () => {
  for (const unit of units) {
    const session = JSON.parse(readFileSync(join(unit, "session.json"), "utf8")) as {
      digests: Record<string, { bytes: number; sha256: string }>;
      folds: Record<string, number>;
    };
    for (const [name, { bytes, sha256 }] of Object.entries(session.digests)) {
      const content = readFileSync(join(unit, name));
      expect(content).toHaveLength(bytes);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
    for (const [name, bytes] of Object.entries(session.folds)) {
      expect(readFileSync(join(unit, name))).toHaveLength(bytes);
    }
  }
});

test("An imported session's environment is what its transcript tells", () => {
  const told: unknown[] = [];
  for (const unit of units) {
    const events = records(join(unit, "events.jsonl"));
    const [event, ...others] = events.filter(({ r }) => r === "environment");
    expect(others).toEqual([]);
    expect(event).toMatchObject({ from: "transcript", atMs: expect.any(Number) });
    const session = JSON.parse(readFileSync(join(unit, "session.json"), "utf8")) as Json;
    expect(session["environment"]).toEqual(event?.["environment"]);
    const facts = records(join(unit, "trace.jsonl")).map((record) => record["facts"] as Json);
    const last = facts.findLast((fact) => fact?.["environment"] !== undefined);
    expect(event?.["environment"]).toEqual(last?.["environment"]);
    told.push((session["environment"] as Json)["os"]);
  }
  expect(told).toContain("linux 6.1.0");
});

test("A trace is steps, dense from 0, and later records that refer to them", () => {
  for (const unit of units) {
    for (const { part, number } of nativeFiles(unit)) {
      const steps: Json[] = [];
      for (const record of records(join(unit, `trace${part}.jsonl`))) {
        if (record["r"] === "step") {
          const step = record["step"] as Json;
          expect(step["index"]).toBe(steps.length);
          expect(step["source"]).toMatchObject({ file: number });
          steps.push(step);
        }
        if (record["r"] === "result" || record["r"] === "usage") {
          expect(Number(record["of"])).toBeLessThan(steps.length);
        }
      }
      expect(steps.length).toBeGreaterThan(0);
    }
  }
});

test("A context node's blocks are the beginning of an earlier node's and a tail", () => {
  let checked = 0;
  for (const unit of units) {
    for (const { part } of nativeFiles(unit)) {
      const blocks = new Set<unknown>();
      const nodes: string[][] = [];
      for (const record of records(join(unit, `ctx${part}.jsonl`))) {
        if (record["r"] === "block") blocks.add(record["hash"]);
        if (record["r"] !== "node") continue;
        const base = record["base"] === null ? [] : (nodes[Number(record["base"])] ?? []);
        const list = [...base.slice(0, Number(record["keep"])), ...(record["tail"] as string[])];
        for (const hash of list) expect(blocks.has(hash)).toBe(true);
        nodes.push(list);
        checked += 1;
      }
    }
  }
  expect(checked).toBeGreaterThan(0);
});

test("A patch turns its content before into its content after", () => {
  let checked = 0;
  for (const unit of units) {
    for (const { part } of nativeFiles(unit)) {
      for (const patch of records(join(unit, `trail${part}.jsonl`))) {
        expect(patch).toMatchObject({
          r: "patch",
          evidence: "transcript",
          path: expect.any(String),
        });
        const before = contentLines(unit, patch["before"]);
        const after = contentLines(unit, patch["after"]);
        if (before === null || after === null) continue;
        const rebuilt = applied(before, after, patch["hunks"] as Hunk[]);
        expect(rebuilt).toEqual(after);
        const { oid, text } = (patch["after"] ?? {}) as { oid?: string; text?: unknown };
        if (typeof oid === "string" && typeof text === "string") expect(oid).toBe(gitBlobId(text));
        checked += 1;
      }
    }
  }
  expect(checked).toBeGreaterThan(0);
});

test("Events are numbered from 0, and an attachment's content is in its blob", () => {
  let attachments = 0;
  for (const unit of units) {
    const path = join(unit, "events.jsonl");
    const events = existsSync(path) ? records(path) : [];
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at));
    for (const event of events) {
      if (event["r"] !== "attachment") continue;
      expect(blob(unit, String(event["blob"]))).toHaveLength(Number(event["bytes"]));
      attachments += 1;
    }
  }
  expect(attachments).toBeGreaterThan(0);
});

test("Every text that lies elsewhere is found there, whole and with its head", () => {
  let checked = 0;
  const check = (unit: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { blob: sha256, bytes, head } = value as Json;
    if (typeof sha256 === "string" && typeof head === "string") {
      const content = blob(unit, sha256);
      expect(content).toHaveLength(Number(bytes));
      expect(content.toString("utf8").startsWith(head)).toBe(true);
      checked += 1;
    } else for (const member of Object.values(value)) check(unit, member);
  };
  for (const unit of units) {
    for (const { part } of nativeFiles(unit)) {
      for (const record of records(join(unit, `trace${part}.jsonl`))) check(unit, record);
      for (const record of records(join(unit, `trail${part}.jsonl`))) check(unit, record);
    }
  }
  expect(checked).toBeGreaterThan(0);
});
