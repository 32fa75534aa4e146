import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";

import { Repo } from "../support/repo.ts";
import { op, openStore } from "../support/snapshots.ts";

/** `OT_KILLS=1000` for the long run. */
const kills = Number(process.env["OT_KILLS"] ?? 50);
const atOnce = 2;
/** Until so long after its first snapshot a writer may live: over two full write-ahead files. */
const lifeMsMax = 160;
const script = path.join(import.meta.dirname, "../support/snapshot-loop.ts");

/** Repeatable points in time: the same for each run, spread over a writer's life. */
function* points(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield (state / 2 ** 32) * lifeMsMax;
  }
}

/** Lets a writer run for `lifeMs` after its first snapshot, kills it; the ids it had said. */
async function acknowledged(child: ChildProcess, lifeMs: number): Promise<string[]> {
  let said = "";
  const first = new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
      resolve();
    });
  });
  const closed = once(child, "close");
  await Promise.race([first, closed]);
  await delay(lifeMs);
  child.kill("SIGKILL");
  await closed;
  return said.split("\n").filter((line) => line.length === 40);
}

test(
  `${kills} writers killed at any point, two at a time in one store, lose no snapshot`,
  async () => {
    using repo = new Repo();
    const sessions = Array.from({ length: atOnce }, (_, at) => `9c9c9c9c-k${at}`);
    repo.commit("start", Object.fromEntries(sessions.map((name) => [`${name}.txt`, "0\n"])));
    const said = new Map<string, string[]>(sessions.map((name) => [name, []]));
    const lives = points(20_260_201);
    const run = async (session: string): Promise<void> => {
      for (let round = 0; round < kills / atOnce; round++) {
        const args = [script, repo.dir, String(round), session];
        const child = spawn(process.execPath, args, {
          env: { PATH: process.env["PATH"], HOME: repo.home },
          stdio: ["ignore", "pipe", "inherit"],
        });
        said.get(session)?.push(...(await acknowledged(child, lives.next().value)));
      }
    };
    await Promise.all(sessions.map(run));

    using store = await openStore(repo.dir);
    for (const nativeId of sessions) {
      const chain = await store.chain(op, { harness: "claude-code", nativeId });
      const ids = new Set(chain.map(({ commit }) => commit));
      expect(said.get(nativeId)?.length).toBeGreaterThan(kills);
      expect(said.get(nativeId)?.filter((id) => !ids.has(id))).toEqual([]);
      for (const { tree } of chain.filter((_, at) => at % 25 === 0)) {
        expect(await store.diffSnapshots(op, null, tree)).toHaveLength(atOnce);
      }
    }
    await store.idle(op);
    expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
    expect(repo.git("fsck", "--strict")).toBe("");
  },
  120_000 + kills * 2_000,
);
