import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";

import { jsonSchemas } from "../../capture/cli/schemas/json-schemas.ts";
import { importFixtures } from "../support/imported-fixtures.ts";
import { lines, nativeFiles, records, unitsBelow } from "../support/plain-reader.ts";
import { writeSchemas } from "../support/build.mjs";

const schemaNamed = (name: string) =>
  z.fromJSONSchema(JSON.parse(JSON.stringify(jsonSchemas().get(name))));

test("every record of a bucket is as its schema says", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "ot-schemas-"));
  try {
    const { home } = await importFixtures(dir);
    const broken: unknown[] = [];
    const check = (name: string, values: readonly unknown[]): void => {
      const schema = schemaNamed(name);
      for (const value of values) {
        const parsed = schema.safeParse(value);
        if (!parsed.success) broken.push([name, value, parsed.error.issues[0]]);
      }
      expect(values.length, name).toBeGreaterThan(0);
    };
    for (const unit of unitsBelow(path.join(home, "bucket", "sessions"))) {
      const session: unknown = JSON.parse(readFileSync(path.join(unit, "session.json"), "utf8"));
      check("opentraces.session.v1", [session]);
      check("opentraces.record.event.v1", records(path.join(unit, "events.jsonl")));
      for (const { part } of nativeFiles(unit)) {
        check("opentraces.record.source-map.v1", records(path.join(unit, `source${part}.map`)));
        check("opentraces.record.trace.v1", records(path.join(unit, `trace${part}.jsonl`)));
        check("opentraces.record.ctx.v1", records(path.join(unit, `ctx${part}.jsonl`)));
        const trail = path.join(unit, `trail${part}.jsonl`);
        if (lines(trail).length > 0) check("opentraces.record.trail.v1", records(trail));
      }
    }
    expect(broken).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);

test("a schema refuses what is not as promised", () => {
  const list = schemaNamed("opentraces.trace.list.v1");
  const answer = { schema: "opentraces.trace.list.v1", status: "ok", traces: [], more: false };
  expect(list.safeParse({ ...answer, later: "addition" }).success).toBe(true);
  expect(list.safeParse({ ...answer, more: "no" }).success).toBe(false);
  expect(list.safeParse({ ...answer, schema: "opentraces.trace.list.v2" }).success).toBe(false);
  expect(list.safeParse({ ...answer, traces: undefined }).success).toBe(false);
});

test("the build writes each of them into the package", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "ot-schemas-"));
  try {
    await writeSchemas(dir);
    const names = [...jsonSchemas().keys()].map((name) => `${name}.json`);
    expect(readdirSync(dir).toSorted()).toEqual(names.toSorted());
    const error = JSON.parse(readFileSync(path.join(dir, "opentraces.error.v1.json"), "utf8"));
    expect(error).toEqual(JSON.parse(JSON.stringify(jsonSchemas().get("opentraces.error.v1"))));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
