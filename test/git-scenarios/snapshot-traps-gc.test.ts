import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import * as path from "node:path";
import { describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { listPins } from "../../capture/git/pins.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { removeStore, SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { readWhole, rewriteAndCollect } from "../support/collected-garbage.ts";
import { Repo } from "../support/repo.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "9c9c9c9c-gc" };
let clock = Date.parse("2026-02-01T00:00:00Z");

async function openStore(dir: string): Promise<SnapshotStore> {
  return SnapshotStore.open(op, await requireRepository(op, dir), { trusted: true });
}

async function takeAll(store: SnapshotStore): Promise<string> {
  clock += 1000;
  return (await store.take(op, { session, atMs: clock, cause: "post", paths: null })).commit;
}

describe("gc after history was rewritten", () => {
  test.each([
    ["waiting in the write-ahead file", false],
    ["packed", true],
  ])("keeps every snapshot whole that is %s", async (_, packed) => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "deep/er/b.txt": "b\n", "deep/c.txt": "c\n" });
    using store = await openStore(repo.dir);
    await takeAll(store);
    repo.write("deep/er/b.txt", "b by agent\n");
    await takeAll(store);
    repo.commit("user commits", { "a.txt": "a by user\n" });
    repo.write("deep/c.txt", "c by agent\n");
    await takeAll(store);
    if (packed) await store.idle(op);
    const before = await readWhole(store, session);
    expect(before).toHaveLength(9);
    await store.close();

    rewriteAndCollect(repo);

    using again = await openStore(repo.dir);
    expect(await readWhole(again, session)).toEqual(before);
    expect(repo.git("fsck", "--strict")).toBe("");
    await again.flush(op);
    expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
    expect(repo.git("log", "--all", "--format=%s")).toBe("rewritten");
  });

  test("without the pins it would not: they are what keeps the borrowed part", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "deep/b.txt": "b\n" });
    using store = await openStore(repo.dir);
    await takeAll(store);
    repo.write("a.txt", "a by agent\n");
    await takeAll(store);
    await store.close();
    for (const { ref } of await listPins(op, store.repository)) repo.git("update-ref", "-d", ref);
    rewriteAndCollect(repo);
    using again = await openStore(repo.dir);
    await expect(readWhole(again, session)).rejects.toMatchObject({ code: "not-found" });
  });

  test("a blob that git add left loose is not leant upon", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo.dir);
    await takeAll(store);
    repo.write("a.txt", "staged then dropped\n");
    repo.git("add", "a.txt");
    const id = await takeAll(store);
    repo.git("reset", "--quiet", "--hard");
    repo.git("gc", "--quiet", "--prune=now");
    const entry = await store.readTreePath(op, id, "a.txt");
    expect((await store.readBlob(op, entry?.oid ?? ""))?.toString()).toBe("staged then dropped\n");
  });
});

test("gc that another process runs between and during snapshots loses nothing", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "0\n", "b.txt": "b\n" });
  using store = await openStore(repo.dir);
  for (let i = 1; i <= 8; i++) {
    repo.write("a.txt", `${i}\n`);
    const collecting = once(
      spawn("git", ["gc", "--quiet", "--prune=now"], {
        cwd: repo.dir,
        env: { PATH: process.env["PATH"], HOME: repo.home },
        stdio: "ignore",
      }),
      "close",
    );
    await takeAll(store);
    await collecting;
    if (i % 3 === 0) repo.commit(`user ${i}`, { "b.txt": `b${i}\n` });
  }
  const lost = (await readWhole(store, session)).filter((line) => line.endsWith("LOST"));
  expect(lost).toEqual([]);
});

describe("removal", () => {
  test("after it and gc, fsck is clean and every commit whole, shared content too", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo.dir);
    await takeAll(store);
    repo.write("a.txt", "by agent\n");
    repo.write("lib/new.txt", "new by agent\n");
    await takeAll(store);
    await store.flush(op);
    // The user commits the very content of a snapshot; and stages more of it in a linked tree.
    const accepted = repo.commit("accepted");
    repo.git("worktree", "add", "--quiet", "-b", "side", "side", "main~1");
    using side = new Repo({ dir: repo.path("side") });
    side.write("a.txt", "by agent\n");
    side.git("add", "a.txt");
    const before = {
      refs: repo.git("show-ref", "--heads"),
      status: side.git("status", "--porcelain"),
    };
    await store.close();

    await removeStore(op, store.repository);
    repo.git("gc", "--quiet", "--prune=now");

    expect(repo.git("fsck", "--strict", "--full")).toBe("");
    expect(repo.git("rev-list", "--objects", "--all", "--missing=print")).not.toContain("?");
    expect(repo.git("show", `${accepted}:lib/new.txt`)).toBe("new by agent");
    expect({
      refs: repo.git("show-ref", "--heads"),
      status: side.git("status", "--porcelain"),
    }).toEqual(before);
    expect(repo.git("for-each-ref", "refs/opentraces*")).toBe("");
    expect(repo.git("ls-files", "--others", ".git/opentraces")).toBe("");
    repo.git("worktree", "remove", "--force", side.dir);
  });

  test("a store that is open meanwhile starts over", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo.dir);
    await takeAll(store);
    await removeStore(op, store.repository);
    repo.write("a.txt", "after\n");
    await takeAll(store);
    const chain = await store.chain(op, session);
    expect(chain).toHaveLength(1);
    expect(await listPins(op, store.repository)).toHaveLength(1);
  });
});

describe("a writer that dies", () => {
  const script = path.join(import.meta.dirname, "../support/snapshot-loop.ts");

  test("by kill -9 loses at most the snapshot being written; the next one goes on", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "0\n" });
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [script, repo.dir, String(round)], {
        env: { PATH: process.env["PATH"], HOME: repo.home },
        stdio: ["ignore", "pipe", "inherit"],
      });
      acknowledged.push(...(await linesUntilKilled(child, 12 + round * 7)));
    }
    using store = await openStore(repo.dir);
    const chain = (await store.chain(op, session)).map((one) => one.commit);
    expect(acknowledged.filter((id) => !chain.includes(id))).toEqual([]);
    expect(chain.length - acknowledged.length).toBeLessThanOrEqual(3);
    repo.write("a.txt", "after\n");
    await takeAll(store);
    await store.idle(op);
    expect(await store.chain(op, session)).toHaveLength(chain.length + 1);
    expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
  });

  test("anywhere within a batch leaves what was acknowledged before", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "0\n" });
    using store = await openStore(repo.dir);
    const first = await takeAll(store);
    const wal = repo.path(".git/opentraces/wal");
    const whole = readFileSync(wal);
    repo.write("a.txt", "1\n");
    await takeAll(store);
    const longer = readFileSync(wal);
    for (let size = whole.length; size < longer.length; size += 7) {
      writeFileSync(wal, longer.subarray(0, size));
      using reader = await openStore(repo.dir);
      expect((await reader.chain(op, session)).map((one) => one.commit)).toEqual([first]);
    }
    // Torn in the middle, and with other bytes where a block was never written.
    writeFileSync(
      wal,
      Buffer.concat([
        longer.subarray(0, whole.length + 20),
        Buffer.alloc(longer.length - whole.length - 20),
      ]),
    );
    using next = await openStore(repo.dir);
    const second = await takeAll(next);
    expect((await next.chain(op, session)).map((one) => one.commit)).toEqual([first, second]);
    appendFileSync(wal, "object blob");
    truncateSync(wal, longer.length);
    await next.idle(op);
    expect(await next.chain(op, session)).toHaveLength(2);
  });
});

/** Kills the child once it has said `count` lines; the lines it said. */
async function linesUntilKilled(child: ChildProcess, count: number): Promise<string[]> {
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (said.split("\n").length > count) child.kill("SIGKILL");
  });
  await once(child, "close");
  return said.split("\n").filter((line) => line.length === 40);
}
