import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { copyFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { openKey } from "../../capture/bucket/key.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { Bucket } from "../../capture/query/bucket-views.ts";
import { importFixtures } from "../support/imported-fixtures.ts";

const op = quietOp();
const minuteMs = 60_000;

let dir: string;
beforeAll(async () => {
  dir = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-views-")));
  await importFixtures(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));

/** Replaces the file of a session as ingest does after each change. */
function change(unit: string): void {
  const file = path.join(unit, "session.json");
  copyFileSync(file, `${file}.new`);
  renameSync(`${file}.new`, file);
}

test("a change is seen by who asks after it, also while an earlier look is under way", async () => {
  const home = homeAt(path.join(dir, "home"));
  const [first] = await listUnits(home);
  if (first === undefined) throw new Error("no session was imported");
  // Many more to look at after the first one.
  for (let n = 0; n < 200; n += 1) mkdirSync(path.join(path.dirname(first.dir), `zz-${n}`));
  const bucket = new Bucket(home, await openKey(home), { recheckMs: minuteMs });
  const early = bucket.refresh(op);
  const view = () => bucket.views().find(({ place }) => place.dir === first.dir);
  while ((view()?.version ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(bucket.views().length).toBeLessThan(200);

  change(first.dir);
  bucket.markStale();
  const before = view()?.version ?? 0;
  await bucket.refresh(op);
  expect(view()?.version).toBe(before + 1);
  await early;
});

test("two who ask at once share a look", async () => {
  const home = homeAt(path.join(dir, "home"));
  const bucket = new Bucket(home, await openKey(home), { recheckMs: minuteMs });
  expect(bucket.refresh(op)).toBe(bucket.refresh(op));
  await bucket.refresh(op);
});
