import { renameSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { createRepository } from "../support/fixture.mjs";
import { LiveLab } from "../support/live-lab.ts";
import "../support/slow-tests.ts";

// The folder that a session worked in is gone: the repository was moved since.

const trace = "claude-code:11111111-aaaa-4aaa-8aaa-000000000001";
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';
const op = quietOp();

/** Moves the repository away from where the session knew it. */
function moveAway(lab: LiveLab): string {
  const moved = path.join(lab.dir, "shop-moved");
  renameSync(lab.repository, moved);
  return moved;
}

function open(lab: LiveLab): Promise<LocalEngine> {
  return LocalEngine.open({ home: lab.home, log: silentLogger, env: lab.env });
}

/** What the timeline shows: that needs no repository. */
async function expectTimeline(engine: LocalEngine): Promise<void> {
  const request = { trace, filter: "all" } as const;
  const head = await engine.timelineHead(op, request);
  expect(head).toMatchObject({ trace, stepCount: 20, harness: "claude-code" });
  const page = await engine.timelineRows(op, { ...request, from: 0, count: 500 });
  expect(page.rows).toHaveLength(head.rowCount);
  expect(JSON.stringify(page.rows)).toContain(JSON.stringify(prompt).slice(1, -1));
}

/** What is known of its lines where the repository stands now. */
async function expectAnswers(engine: LocalEngine, moved: string): Promise<void> {
  const file = path.join(moved, "src/cart.js");
  const { lines } = await engine.blame(op, { file });
  const line = lines.find(({ owner }) => owner === "step")?.line ?? 0;
  const why = await engine.why(op, { file, line });
  expect(why).toMatchObject({
    owner: { kind: "step", trace },
    prompt: { step: 0, text: expect.stringContaining(prompt) },
  });
  const { patches } = await engine.track(op, { address: trace, repo: moved });
  const cart = patches.filter((patch) => patch.path === "src/cart.js");
  expect(cart.map(({ state }) => state)).toContain("alive");
  expect(cart.flatMap(({ anchors }) => anchors).length).toBeGreaterThan(0);
}

test("import, timeline, why and track answer for a session whose folder is gone", async () => {
  await using lab = new LiveLab("simple-fix");
  lab.writeNative();
  const moved = moveAway(lab);
  createRepository(lab.fixture, `${moved}-after`, "after");

  const engine = await open(lab);
  const { sessions, issues } = await engine.importSessions(op, { paths: [] });
  expect(sessions).toMatchObject([{ trace, steps: 20, isNew: true }]);
  expect(issues).toEqual([]);
  await expectTimeline(engine);
  await expectAnswers(engine, `${moved}-after`);
  await engine.close();
});

test("a session that was captured live is found again after its repository was moved", async () => {
  await using lab = new LiveLab("simple-fix");
  await lab.ot("setup", "claude-code", "--yes");
  await lab.startEngine();
  await lab.play();
  await lab.stopEngine();
  await lab.ot("capture", "--once");
  const moved = moveAway(lab);

  const engine = await open(lab);
  const { traces } = await engine.listTraces(op, { repo: moved, limit: 5 });
  expect(traces.map(({ id }) => id)).toEqual([trace]);
  await expectTimeline(engine);
  await expectAnswers(engine, moved);
  await engine.close();
});

test("with no repository left, the timeline stands, and track says what is missing", async () => {
  await using lab = new LiveLab("simple-fix");
  lab.writeNative();
  moveAway(lab);
  const engine = await open(lab);
  await engine.importSessions(op, { paths: [] });
  await expectTimeline(engine);
  await expect(engine.track(op, { address: trace })).rejects.toMatchObject({
    code: "no-repository",
    message: expect.stringContaining(lab.repository),
  });
  await engine.close();
});
