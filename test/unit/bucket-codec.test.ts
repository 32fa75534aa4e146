import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeAt } from "../../capture/base/home.ts";
import { readJsonLines } from "../../capture/base/jsonl.ts";
import { parseCtxRecord } from "../../capture/bucket/codec/ctx-codec.ts";
import { parseEventRecord } from "../../capture/bucket/codec/event-codec.ts";
import {
  parseSessionUnit,
  parseSourceMapRecord,
} from "../../capture/bucket/codec/session-codec.ts";
import { parseTraceRecord } from "../../capture/bucket/codec/trace-codec.ts";
import { parsePatchRecord } from "../../capture/bucket/codec/trail-codec.ts";
import { unitFileNumbers } from "../../capture/bucket/read-unit.ts";
import { nativeFileNames } from "../../capture/bucket/unit-paths.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { importFixtures } from "../support/imported-fixtures.ts";

async function unread(path: string, parse: (value: unknown) => unknown): Promise<unknown[]> {
  const values: unknown[] = [];
  await readJsonLines(path, (value) => {
    if (parse(value) === undefined) values.push(value);
  });
  return values;
}

test("Every record that ingest writes is one that the codecs read", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ot-codec-"));
  try {
    const { home } = await importFixtures(dir);
    for (const unit of await listUnits(homeAt(home))) {
      const session: unknown = JSON.parse(await readFile(join(unit.dir, "session.json"), "utf8"));
      expect(parseSessionUnit(session)).toEqual(session);
      expect(await unread(join(unit.dir, "events.jsonl"), parseEventRecord)).toEqual([]);
      for (const file of await unitFileNumbers(unit.dir)) {
        const names = nativeFileNames(file);
        expect(await unread(join(unit.dir, names.map), parseSourceMapRecord)).toEqual([]);
        expect(await unread(join(unit.dir, names.trace), parseTraceRecord)).toEqual([]);
        expect(await unread(join(unit.dir, names.ctx), parseCtxRecord)).toEqual([]);
        expect(await unread(join(unit.dir, names.trail), parsePatchRecord)).toEqual([]);
      }
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}, 30_000);

test("Unknown kinds are passed over, unknown members are kept", () => {
  expect(parseTraceRecord({ r: "from-the-future" })).toBeUndefined();
  expect(parseEventRecord({ r: "rating", seq: 0, atMs: 1, rating: "splendid" })).toBeUndefined();
  const more = { r: "rating", seq: 0, atMs: 1, rating: "good", because: "it held" };
  expect(parseEventRecord(more)).toEqual(more);
  expect(parseSessionUnit({ schema: "opentraces.session.v2" })).toBeUndefined();
  expect(parseSourceMapRecord("damaged")).toBeUndefined();
});
