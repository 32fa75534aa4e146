import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type BucketChange, type Engine, openEngine, quietOp } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { homeAt } from "../../capture/base/home.ts";
import { enginePlace } from "../../capture/engine/place.ts";
import { buildEngine, type EngineBundle } from "../support/engine-bundle.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";

const op = quietOp();
const lineOfStep = "return cents(sum * (1 - discountPercent / 100));";

let bundle: EngineBundle;
beforeAll(async () => {
  bundle = await buildEngine();
});
afterAll(() => bundle[Symbol.dispose]());

/** What a door sees is the same in process and over the socket. */
describe.each(["in-process", "shared"] as const)("the engine, %s", (mode) => {
  let folder: string;
  let repository: string;
  let engine: Engine;
  let losses = 0;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-contract-")));
    const placed = placeFixture("simple-fix", folder);
    repository = placed.repository;
    writeNative(placed.fixture, placed.configFolder);
    const saved = { ...process.env };
    process.env["CLAUDE_CONFIG_DIR"] = placed.configFolder;
    process.env["HOME"] = folder;
    try {
      engine = await openEngine({
        mode,
        home: path.join(folder, "home"),
        log: silentLogger,
        entry: bundle.entry,
        onLost: () => (losses += 1),
      });
    } finally {
      if (mode === "shared") process.env = saved;
    }
  }, 60_000);

  afterAll(async () => {
    await engine.close();
    await stopEngine(path.join(folder, "home"));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  test("a bucket without sessions is no error", async () => {
    expect(await engine.listTraces(op, { limit: 5 })).toEqual({ traces: [], more: false });
    const { checks } = await engine.status(op, { repo: repository, deep: true });
    expect(checks.map(({ id, ok }) => `${id} ${ok}`)).toEqual([
      "home true",
      "git true",
      "claude-code true",
      "hooks false",
      "spool true",
      "engine true",
      "sessions false",
      "repository true",
      "consent false",
    ]);
  });

  test("imports every known session, tells of it, and a second time adds nothing", async () => {
    const changes: BucketChange[] = [];
    using subscription = engine.onDidChange((change) => changes.push(change));
    void subscription;
    const progress: string[] = [];
    const told = {
      ...op,
      progress: (done: number, total: number) => progress.push(`${done}/${total}`),
    };
    const first = await engine.importSessions(told, { paths: [] });
    expect(first.totals.sessions).toBe(1);
    expect(first.sessions[0]).toMatchObject({ harness: "claude-code", isNew: true });
    expect(progress.length).toBeGreaterThan(0);
    await expect.poll(() => changes.some(({ isNew }) => isNew)).toBe(true);
    const again = await engine.importSessions(op, { paths: [] });
    expect(again.sessions[0]).toMatchObject({ isNew: false, bytes: 0 });
  });

  test("lists and shows the session", async () => {
    const { traces } = await engine.listTraces(op, { repo: repository, limit: 5 });
    expect(traces).toHaveLength(1);
    const id = traces[0]?.id ?? "";
    const shown = await engine.showTrace(op, { address: `${id}:0` });
    expect(shown.steps).toMatchObject([{ index: 0, kind: "prompt" }]);
    expect(shown.trace.outcome).not.toBeNull();
    await expect(engine.showTrace(op, { address: "00000000" })).rejects.toMatchObject({
      code: "not-found",
      hint: "`ot trace list` shows what is recorded.",
    });
    await expect(engine.showTrace(op, { address: "abc" })).rejects.toMatchObject({ code: "usage" });
  });

  test("cuts the timeline into pages of one version", async () => {
    const [trace] = (await engine.listTraces(op, { limit: 1 })).traces;
    const view = { trace: trace?.id ?? "", filter: "all" } as const;
    let head = await engine.timelineHead(op, view);
    const page = await engine.timelineRows(op, { ...view, from: 0, count: 500 });
    if (page.version !== head.version) head = await engine.timelineHead(op, view);
    expect(page.rows.length).toBe(head.rowCount);
    expect(page.rows[0]).toMatchObject({ type: "turn", turn: 0 });
    const edits = await engine.timelineHead(op, { ...view, filter: "edits" });
    expect(edits.rowCount).toBeLessThan(head.rowCount);
    await expect
      .poll(async () => (await engine.timelineHead(op, view)).outcome?.states)
      .toBeDefined();
    await expect(
      engine.timelineHead(op, { ...view, trace: "claude-code:nobody" }),
    ).rejects.toMatchObject({ code: "not-found" });
  });

  test("answers why a line is there, on disk and unsaved", async () => {
    const file = path.join(repository, "src/cart.js");
    const text = execFileSync("cat", [file]).toString("utf8");
    const line = text.split("\n").findIndex((one) => one.includes(lineOfStep)) + 1;
    const answer = await engine.why(op, { file, line: Math.max(line, 1) });
    expect(answer).toMatchObject({ path: "src/cart.js", rev: "worktree" });
    const unsaved = { text: `// above\n${text}` };
    const below = await engine.why(op, { file, line: Math.max(line, 1) + 1, unsaved });
    expect(below.owner).toEqual(answer.owner);
    const blamed = await engine.blame(op, { file });
    expect(blamed.lines.length).toBe(text.split("\n").length - 1);
    await expect(engine.why(op, { file, line: 9_999 })).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(engine.why(op, { file: "/nowhere/x.js", line: 1 })).rejects.toMatchObject({
      code: "no-repository",
    });
  });

  test("blames commits, tracks patches, and gives the diff of a step", async () => {
    const { commits } = await engine.blameCommit(op, { repo: repository, rev: "HEAD" });
    expect(commits).toHaveLength(1);
    const [trace] = (await engine.listTraces(op, { limit: 1 })).traces;
    const address = trace?.id ?? "";
    const tracked = await engine.track(op, { address });
    expect(tracked.patches.length).toBeGreaterThan(0);
    const { patch } = await engine.stepDiff(op, { address });
    expect(patch).toMatch(/^diff --git a\//);
    const [first] = tracked.patches;
    const side = await engine.stepFile(op, {
      address: `${address}:${first?.step}`,
      path: first?.path ?? "",
      side: "after",
    });
    expect(side.text).toEqual(expect.any(String));
  });

  test("keeps what a person answered for the repository", async () => {
    const state = () => engine.captureState(op, { repo: repository });
    expect(await state()).toMatchObject({ repository: "ok", root: repository, consent: "unasked" });
    for (const answer of ["on", "paused", "excluded", "on"] as const) {
      await engine.setCapture(op, { repo: repository, state: answer });
      expect((await state()).consent).toBe(answer);
    }
    expect((await engine.captureState(op, { repo: folder })).repository).toBe("none");
  });

  test("sets capture up and takes it out again", async () => {
    const request = { target: "claude-code", dryRun: false };
    await engine.setup(op, { ...request, remove: false });
    expect((await engine.captureState(op, { repo: repository })).hooksInstalled).toBe(true);
    const plan = await engine.setup(op, { ...request, remove: true, dryRun: true });
    expect(plan.changes.map(({ action }) => action)).toEqual(["remove", "remove"]);
    await engine.setup(op, { ...request, remove: true });
    expect((await engine.captureState(op, { repo: repository })).hooksInstalled).toBe(false);
    await expect(
      engine.setup(op, { ...request, target: "codex", remove: false }),
    ).rejects.toMatchObject({
      code: "usage",
      message: "Setting up codex is not part of this version.",
    });
  });

  test("a call that is cancelled before it begins, or while it runs, says so", async () => {
    const signal = AbortSignal.abort();
    await expect(engine.listTraces({ ...op, signal }, { limit: 1 })).rejects.toMatchObject({
      code: "cancelled",
    });
    const controller = new AbortController();
    const running = engine.importSessions({ ...op, signal: controller.signal }, { paths: [] });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a wrong path is an error with a hint", async () => {
    await expect(engine.importSessions(op, { paths: ["/nowhere"] })).rejects.toMatchObject({
      code: "not-found",
      message: "/nowhere does not exist.",
      hint: "Name a session file, or a folder that holds some.",
    });
  });

  test("what the editor saw is taken in quietly", async () => {
    mkdirSync(path.join(repository, "src"), { recursive: true });
    writeFileSync(path.join(repository, "src/typed.js"), "1\n");
    const report = {
      root: repository,
      path: "src/typed.js",
      kind: "typed",
      ranges: [[1, 1]],
      atMs: 1,
    } as const;
    await engine.reportEditor(op, report);
  });

  test("nobody was lost on the way", () => {
    expect(losses).toBe(0);
  });
});

async function stopEngine(home: string): Promise<void> {
  const { logFile } = enginePlace(homeAt(home));
  const log = execFileSync("sh", ["-c", 'cat "$0" 2>/dev/null || true', logFile]).toString("utf8");
  for (const line of log.split("\n")) {
    if (!line.includes('"engine.started"')) continue;
    try {
      process.kill(JSON.parse(line).pid, "SIGTERM");
    } catch {
      // It has left by itself.
    }
  }
}
