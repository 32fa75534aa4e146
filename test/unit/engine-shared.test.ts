import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openEngine, quietOp } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { version } from "../../capture/base/version.ts";
import { engineMethods } from "../../capture/engine/methods.ts";
import { callsMax, protocolVersion } from "../../capture/engine/wire.ts";
import { asNobody } from "../support/as-nobody.ts";
import { buildEngine, type EngineBundle } from "../support/engine-bundle.ts";
import { EngineLab } from "../support/engine-lab.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";

const op = quietOp();
let bundle: EngineBundle;
let folder: string;
let repository: string;
let projects: string;
beforeAll(async () => {
  bundle = await buildEngine();
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-shared-")));
  const placed = placeFixture("simple-fix", folder);
  writeNative(placed.fixture, placed.configFolder);
  repository = placed.repository;
  projects = path.join(placed.configFolder, "projects");
});
afterAll(() => {
  bundle[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

test("the version is that of the package, and the protocol's names are these", () => {
  const manifest = JSON.parse(
    readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8"),
  );
  expect(version).toBe(manifest.version);
  expect(protocolVersion).toBe(1);
  expect(engineMethods).toEqual([
    "importSessions",
    "captureOnce",
    "listTraces",
    "showTrace",
    "timelineHead",
    "timelineRows",
    "why",
    "blame",
    "blameCommit",
    "track",
    "stepDiff",
    "stepFile",
    "setup",
    "setCapture",
    "captureState",
    "collect",
    "status",
    "reportEditor",
  ]);
});

test(
  "two windows and a command line import at once, and the session is there once",
  { timeout: 60_000 },
  async () => {
    await using lab = new EngineLab(bundle.entry);
    const windows = await Promise.all([lab.connect(), lab.connect()]);
    const home = lab.home.root;
    const line = await openEngine({ mode: "in-process", home, log: silentLogger });
    const doors = [...windows, line];
    const answers = await Promise.all(
      doors.map((door) => door.importSessions(op, { paths: [projects] })),
    );
    expect(answers.map(({ totals }) => totals.steps)).toEqual([20, 20, 20]);
    for (const door of doors) {
      await expect
        .poll(async () => (await door.listTraces(op, { limit: 5 })).traces.length)
        .toBe(1);
      expect((await door.showTrace(op, { address: "11111111" })).steps).toHaveLength(20);
    }
    await line.close();
  },
);

test("a change that one window makes is told to the other", { timeout: 60_000 }, async () => {
  await using lab = new EngineLab(bundle.entry);
  const [one, other] = await Promise.all([lab.connect(), lab.connect()]);
  const heard: string[] = [];
  other?.onDidChange(({ trace }) => heard.push(trace));
  // A listener is known to the engine once a call came back.
  await other?.listTraces(op, { limit: 1 });
  await one?.importSessions(op, { paths: [projects] });
  await expect.poll(() => heard).toContain("claude-code:11111111-aaaa-4aaa-8aaa-000000000001");
});

test(
  "a client gets its calls bounded, and an unknown one refused",
  { timeout: 60_000 },
  async () => {
    await using lab = new EngineLab(bundle.entry);
    await lab.connect();
    const socket = connect(lab.place.address);
    const lines: Record<string, unknown>[] = [];
    let rest = "";
    socket.on("data", (chunk) => {
      const parts = `${rest}${chunk.toString("utf8")}`.split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((part) => JSON.parse(part)));
    });
    const say = (message: object) => socket.write(`${JSON.stringify(message)}\n`);
    say({ type: "hello", protocol: 1, version: "0.0.1" });
    say({ type: "call", id: 1, method: "close", request: {} });
    const count = callsMax + 5;
    for (let id = 2; id < 2 + count; id += 1) {
      say({ type: "call", id, method: "listTraces", request: { limit: 1 } });
    }
    await expect
      .poll(() => lines.filter(({ type }) => type !== "progress").length, { timeout: 20_000 })
      .toBe(count + 2);
    const codes = lines.flatMap(
      ({ error }) => (error as { code?: string } | undefined)?.code ?? [],
    );
    expect(codes.toSorted()).toEqual(["busy", "busy", "busy", "busy", "busy", "version-mismatch"]);
    const gone = once(socket, "close");
    socket.destroy();
    await gone;
  },
);

test("a home that cannot be written still answers, and says so when asked for more", async () => {
  const home = path.join(folder, "home");
  const engine = await openEngine({ mode: "in-process", home, log: silentLogger });
  await engine.importSessions(op, { paths: [projects] });
  await engine.close();
  const readOnly = path.join(folder, "read-only");
  cpSync(home, readOnly, { recursive: true });
  openToRead(readOnly);
  chmodSync(folder, 0o755);
  await asNobody(async () => {
    const reader = await openEngine({ mode: "in-process", home: readOnly, log: silentLogger });
    expect((await reader.listTraces(op, { limit: 5 })).traces).toHaveLength(1);
    const steps = await reader.showTrace(op, { address: "11111111" });
    expect(steps.steps).toHaveLength(20);
    const { checks } = await reader.status(op, { deep: false });
    expect(checks.find(({ id }) => id === "home")).toMatchObject({ ok: false });
    const writing = reader.setCapture(op, { repo: repository, state: "on" });
    await expect(writing).rejects.toMatchObject({ code: "home-read-only" });
    await expect(
      openEngine({ mode: "shared", home: readOnly, log: silentLogger, entry: bundle.entry }),
    ).rejects.toMatchObject({ code: "home-read-only" });
    await reader.close();
  });
});

/** Read and enter for everybody, write for nobody. */
function openToRead(place: string): void {
  for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
    chmodSync(path.join(entry.parentPath, entry.name), 0o555);
  }
  chmodSync(place, 0o555);
}
