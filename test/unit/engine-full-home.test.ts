import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { quietOp } from "../../capture/api.ts";
import { homeAt } from "../../capture/base/home.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { readTrace } from "../../capture/bucket/read-unit.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { asNobody } from "../support/as-nobody.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";
import { fillDisk } from "../support/full-disk.ts";

const op = quietOp();
let folder: string;
let repository: string;
let engine: LocalEngine;
let play: () => void;

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-full-")));
  chmodSync(folder, 0o755);
  const placed = placeFixture("simple-fix", folder);
  play = () => writeNative(placed.fixture, placed.configFolder);
  repository = placed.repository;
  await mkdir(path.join(folder, "home"));
  engine = await LocalEngine.open({
    home: path.join(folder, "home"),
    env: { ...process.env, HOME: folder, CLAUDE_CONFIG_DIR: placed.configFolder },
    log: silentLogger,
    recheckMs: 20,
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function homeCheck() {
  const { checks } = await engine.status(op, { deep: false });
  return checks.find(({ id }) => id === "home");
}

test("capture begins by itself once a read-only home can be written", async () => {
  const home = path.join(folder, "home");
  if (process.getuid?.() === 0) chownSync(home, 65_534, 65_534);
  chmodSync(home, 0o555);
  await asNobody(async () => {
    await engine.keepLive(silentLogger);
    const { fault } = await engine.captureState(op, { repo: folder });
    expect(fault).toMatchObject({ code: "home-read-only" });
    expect(await homeCheck()).toMatchObject({ ok: false, fix: `chmod u+rwx '${home}'` });
    chmodSync(home, 0o755);
    await expect
      .poll(async () => (await engine.captureState(op, { repo: folder })).fault, { timeout: 5_000 })
      .toBe(null);
    expect(await homeCheck()).toMatchObject({ ok: true });
  });
});

test("a full disk is told while it lasts, and all is recorded once there is room", async () => {
  await engine.setCapture(op, { repo: repository, state: "on" });
  play();
  const stateOf = () => engine.captureState(op, { repo: repository });
  expect((await stateOf()).fault).toBe(null);
  let states = 0;
  engine.onDidChangeState(() => (states += 1));
  {
    using full = fillDisk(0);
    void full;
    await engine.keepLive(silentLogger);
    await expect.poll(async () => (await stateOf()).fault?.code).toBe("disk-full");
    await expect.poll(() => states, { timeout: 5_000 }).toBeGreaterThan(0);
    const check = await homeCheck();
    expect(check).toMatchObject({ ok: false, message: expect.stringContaining("No space") });
    expect(check?.fix).toBe(`df -h '${path.join(folder, "home")}'`);
  }
  const steps = async () => {
    const [unit] = await listUnits(homeAt(path.join(folder, "home")));
    return unit === undefined ? 0 : (await readTrace(unit)).main.steps.length;
  };
  await expect.poll(steps, { timeout: 20_000 }).toBe(20);
  await expect.poll(async () => (await stateOf()).fault, { timeout: 10_000 }).toBe(null);
}, 40_000);
