import { copyFileSync, cpSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { type BucketChange, quietOp } from "../../capture/api.ts";
import { homeAt } from "../../capture/base/home.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { OutsideWatch } from "../../capture/engine/outside-watch.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";

const op = quietOp();
const trace = "claude-code:11111111-aaaa-4aaa-8aaa-000000000001";
const minuteMs = 60_000;

let folder: string;
let repository: string;
let env: Record<string, string>;
let nowMs: number;
const engines: LocalEngine[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-outside-")));
  const placed = placeFixture("simple-fix", folder);
  writeNative(placed.fixture, placed.configFolder);
  repository = placed.repository;
  env = { ...process.env, HOME: folder, CLAUDE_CONFIG_DIR: placed.configFolder };
  nowMs = Date.now();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function open(recheckMs: number): Promise<LocalEngine> {
  const engine = await LocalEngine.open({
    home: path.join(folder, "home"),
    env,
    log: silentLogger,
    recheckMs,
    clock: { nowMs: () => nowMs },
  });
  engines.push(engine);
  return engine;
}

test("windows are told of what a command line imports, pauses and installs", async () => {
  const window = await open(20);
  const changes: BucketChange[] = [];
  let states = 0;
  window.onDidChange((change) => changes.push(change));
  window.onDidChangeState(() => (states += 1));
  expect((await window.captureState(op, { repo: repository })).consent).toBe("unasked");

  const line = await open(0);
  await line.importSessions(op, { paths: [] });
  await expect.poll(() => changes.map((change) => change.trace)).toContain(trace);
  expect(changes[0]?.isNew).toBe(true);
  expect((await window.listTraces(op, { limit: 5 })).traces).toHaveLength(1);

  const before = states;
  await line.setCapture(op, { repo: repository, state: "paused" });
  await expect.poll(() => states).toBeGreaterThan(before);
  const installing = states;
  await line.setup(op, { target: "claude-code", remove: false, dryRun: false });
  await expect.poll(() => states).toBeGreaterThan(installing);
});

test("a session is live until its time is over, and that is told", async () => {
  const window = await open(20);
  await window.importSessions(op, { paths: [] });
  const [summary] = (await window.listTraces(op, { limit: 1 })).traces;
  nowMs = (summary?.endedAtMs ?? 0) + minuteMs;
  const changes: BucketChange[] = [];
  let states = 0;
  window.onDidChange((change) => changes.push(change));
  window.onDidChangeState(() => (states += 1));
  const request = { trace, filter: "all" } as const;
  expect((await window.timelineHead(op, request)).live).toBe(true);
  expect((await window.captureState(op, { repo: repository })).liveTraces).toEqual([trace]);

  nowMs += 5 * minuteMs;
  await expect.poll(() => states).toBeGreaterThan(0);
  const over = await window.timelineHead(op, request);
  expect(over.live).toBe(false);
  expect(changes.some((change) => change.trace === trace)).toBe(true);
  expect((await window.captureState(op, { repo: repository })).liveTraces).toEqual([]);
});

test("the versions of a timeline grow over a restart of the engine", async () => {
  const first = await open(0);
  await first.importSessions(op, { paths: [] });
  const request = { trace, filter: "all" } as const;
  await first.timelineHead(op, request);
  const before = (await first.timelineHead(op, request)).version;
  await first.close();
  nowMs += minuteMs;
  const next = await open(0);
  expect((await next.timelineHead(op, request)).version).toBeGreaterThan(before);
});

test("what another process writes right after us is told, and ours is not", async () => {
  const line = await open(0);
  await line.importSessions(op, { paths: [] });
  const home = homeAt(path.join(folder, "home"));
  const [unit] = await listUnits(home);
  if (unit === undefined) throw new Error("no session was imported");
  const copy = path.join(path.dirname(unit.dir), "copy-of-it");
  cpSync(unit.dir, copy, { recursive: true });
  const told: string[] = [];
  let states = 0;
  using watch = new OutsideWatch({
    home,
    clock: { nowMs: () => nowMs },
    everyMs: 5,
    files: [],
    fault: () => null,
    onChange: (changed) => told.push(changed),
    onState: () => (states += 1),
  });
  const change = (dir: string) => {
    replace(path.join(dir, "session.json"));
    replace(home.catalogFile);
  };
  await expect.poll(() => (change(copy), told)).toContain("claude-code:copy-of-it");

  told.length = 0;
  change(unit.dir);
  watch.noteTold(trace);
  change(unit.dir);
  await expect.poll(() => told).toContain(trace);

  told.length = 0;
  change(unit.dir);
  watch.noteTold(trace);
  rmSync(copy, { recursive: true });
  await expect.poll(() => states).toBe(1);
  expect(told).toEqual([]);
});

/** As every file of ours is written: beside, and renamed. */
function replace(file: string): void {
  copyFileSync(file, `${file}.new`);
  renameSync(`${file}.new`, file);
}
