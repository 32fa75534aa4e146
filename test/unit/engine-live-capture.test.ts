import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";

import { openEngine, type Op, quietOp } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { homeAt } from "../../capture/base/home.ts";
import { readSessionFile } from "../../capture/bucket/session-file.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import { runLiveCapture } from "../../capture/engine/live-capture.ts";
import { enginePlace } from "../../capture/engine/place.ts";
import type { CaptureAnswer } from "../../capture/model/answers.ts";
import { takeHook } from "../../capture/setup/take-hook.ts";
import { writeConsent } from "../../capture/setup/consent.ts";
import { placeFixture, writeNative } from "../support/fixture.mjs";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-capture-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Running {
  readonly live: Promise<void>;
  stop(): Promise<CaptureAnswer>;
}

function capture(home: string, env: Record<string, string>): Running {
  const controller = new AbortController();
  const op: Op = { ...quietOp(), signal: controller.signal };
  let onLive = (): void => undefined;
  const live = new Promise<void>((resolve) => (onLive = resolve));
  const ended = runLiveCapture(op, { home, env, onLive });
  return {
    live,
    stop: async () => {
      controller.abort();
      return await ended;
    },
  };
}

async function stepsIn(home: string): Promise<number> {
  const [unit] = await listUnits(homeAt(home));
  return unit === undefined ? 0 : ((await readSessionFile(unit.dir))?.counts.steps ?? 0);
}

test("captures until it is stopped, and one takes over from the other", async () => {
  const home = path.join(folder, "home");
  const { fixture, repository, configFolder } = placeFixture("simple-fix", folder);
  const env = { HOME: folder, CLAUDE_CONFIG_DIR: configFolder, OPENTRACES_HOME: home };
  await writeConsent(homeAt(home), repository, "on");
  const place = enginePlace(homeAt(home));

  const first = capture(home, env);
  await first.live;
  const second = capture(home, env);
  await second.live;
  writeNative(fixture, configFolder);
  const waitMs = { timeout: 20_000 };
  await expect.poll(() => stepsIn(home), waitMs).toBe(20);

  const taken = await first.stop();
  expect(taken.sessions).toMatchObject([{ steps: 20, isNew: true, harness: "claude-code" }]);
  expect(taken.totals).toMatchObject({ sessions: 1, steps: 20 });
  expect(taken.spool).toEqual({ events: 0, bad: 0, dropped: 0 });
  // The follower becomes the engine; hooks find it alive.
  await expect.poll(() => existsSync(place.address), waitMs).toBe(true);
  const line = await openEngine({ mode: "shared", home, log: silentLogger });
  expect((await line.listTraces(quietOp(), { limit: 5 })).traces).toHaveLength(1);
  const payload = {
    session_id: "11111111-aaaa-4aaa-8aaa-000000000001",
    hook_event_name: "Stop",
    cwd: repository,
  };
  const stdin = Readable.from([Buffer.from(JSON.stringify(payload))]);
  await expect.poll(() => existsSync(path.join(home, "spool/.heartbeat")), waitMs).toBe(true);
  await takeHook({ env, cwd: repository, harness: "claude-code", event: "Stop", stdin });
  await line.close();
  const spooled = () => readdirSync(path.join(home, "spool")).filter((n) => n.endsWith(".json"));
  await expect.poll(() => spooled().length, waitMs).toBe(0);
  const { spool } = await second.stop();
  expect(spool).toEqual({ events: 1, bad: 0, dropped: 0 });
  expect(existsSync(place.address)).toBe(false);
  expect(existsSync(path.join(home, "spool/.heartbeat"))).toBe(false);
}, 60_000);
