import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { quietOp } from "../../capture/base/op.ts";
import { LocalContext } from "../../capture/engine/local-context.ts";
import { StepFactsSource } from "../../capture/engine/step-facts.ts";
import { UnitView } from "../../capture/query/unit-view.ts";

const op = quietOp();

test("facts are kept of the sixteen sessions that were looked at last", async () => {
  const dir = mkdtempSync(join(tmpdir(), "ot-facts-"));
  await using context = new LocalContext({ home: homeAt(dir), env: {}, log: silentLogger });
  const clock = { nowMs: () => 0 };
  const source = new StepFactsSource(context, { clock, onFacts: () => undefined });
  const views = Array.from({ length: 17 }, (_, at) => {
    const nativeId = `session-${at}`;
    const month = "2026-01";
    return new UnitView({ harness: "claude-code", nativeId, month, dir: join(dir, nativeId) });
  });
  for (const view of views) await source.latest(op, view).coming;
  const known = views.toReversed().map((view) => source.latest(op, view).known !== null);
  expect(known).toEqual([...Array.from({ length: 16 }, () => true), false]);
  rmSync(dir, { recursive: true, force: true });
});
