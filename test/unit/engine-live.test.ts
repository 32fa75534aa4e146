import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { quietOp } from "../../capture/api.ts";
import { readTrace, readEvents } from "../../capture/bucket/read-unit.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { buildEngine, type EngineBundle } from "../support/engine-bundle.ts";
import { EngineLab, until } from "../support/engine-lab.ts";
import { placeFixture } from "../support/fixture.mjs";
import { replay } from "../support/replay.mjs";

const op = quietOp();
let bundle: EngineBundle;
let folder: string;
beforeAll(async () => {
  bundle = await buildEngine();
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-live-")));
});
afterAll(() => {
  bundle[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

test(
  "a session that is played through the installed hooks is recorded while it runs",
  { timeout: 90_000 },
  async () => {
    await using lab = new EngineLab(bundle.entry);
    const { fixture, repository, configFolder } = placeFixture("simple-fix", folder);
    const saved = { ...process.env };
    process.env["CLAUDE_CONFIG_DIR"] = configFolder;
    const engine = await lab.connect().finally(() => (process.env = saved));
    await engine.setup(op, {
      target: "claude-code",
      remove: false,
      dryRun: false,
      repo: repository,
    });
    const changes: string[] = [];
    engine.onDidChange(({ trace }) => changes.push(trace));

    const counts = await replay(fixture.schedule, { repository, configFolder });
    expect(counts.hookRuns).toBeGreaterThan(0);
    const waiting = () => readdirSync(lab.home.spoolDir).filter((name) => name.endsWith(".json"));
    await until(() => waiting().length === 0);
    expect(changes.length).toBeGreaterThan(1);

    const { traces } = await engine.listTraces(op, { repo: repository, limit: 5 });
    expect(traces).toHaveLength(1);
    const [unit] = await listUnits(lab.home);
    if (unit === undefined) throw new Error("no unit");
    await expect.poll(async () => (await readTrace(unit)).main.steps.length).toBe(20);
    const events = await readEvents(unit.dir);
    const names = events.flatMap((event) => (event.r === "hook" ? [event.name] : []));
    expect(names[0]).toBe("SessionStart");
    expect(names.filter((name) => name === "PreToolUse").length).toBeGreaterThan(1);
    expect(events.filter(({ r }) => r === "snapshot").length).toBeGreaterThan(1);
    expect(events.filter(({ r }) => r === "gap")).toEqual([]);

    const file = path.join(repository, "src/cart.js");
    const { lines } = await engine.blame(op, { file });
    expect(new Set(lines.map(({ evidence }) => evidence))).toContain("observed");
  },
);

test(
  "without an engine the same hooks leave snapshots for the next one",
  { timeout: 90_000 },
  async () => {
    await using lab = new EngineLab(bundle.entry);
    const root = path.join(folder, "alone");
    mkdirSync(root);
    const { fixture, repository, configFolder } = placeFixture("simple-fix", root);
    const { openEngine } = await import("../../capture/api.ts");
    const saved = { ...process.env };
    process.env["CLAUDE_CONFIG_DIR"] = configFolder;
    const log = { log: () => undefined };
    const engine = await openEngine({ mode: "in-process", home: lab.home.root, log });
    await engine.setup(op, {
      target: "claude-code",
      remove: false,
      dryRun: false,
      repo: repository,
    });
    await replay(fixture.schedule, { repository, configFolder });
    const answer = await engine.captureOnce(op);
    process.env = saved;
    expect(answer.spool.bad).toBe(0);
    expect(answer.spool.events).toBeGreaterThan(5);
    const [unit] = await listUnits(lab.home);
    const events = await readEvents(unit?.dir ?? "");
    const snapshots = events.filter((event) => event.r === "snapshot");
    expect(snapshots.length).toBeGreaterThan(1);
    expect(events.filter(({ r }) => r === "gap")).toEqual([]);
    const { lines } = await engine.blame(op, { file: path.join(repository, "src/cart.js") });
    expect(new Set(lines.map(({ evidence }) => evidence))).toContain("observed");
    await engine.close();
  },
);
