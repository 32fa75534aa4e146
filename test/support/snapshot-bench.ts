import childProcess from "node:child_process";
import { createHash } from "node:crypto";
import fs, { fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import * as path from "node:path";
import { deflateSync } from "node:zlib";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { Repo } from "./repo.ts";

export const op = quietOp();
export const session = { harness: "claude-code", nativeId: "be0c4be0-c4" };

/** A repository of many files with its store, for measuring. */
export interface Subject extends Disposable {
  readonly repo: Repo;
  readonly store: SnapshotStore;
  readonly files: readonly string[];
  readonly log: number;
}

/** Source text of about the size that source files have: 200 lines, 7 kB. */
export function sourceText(seed: string): string {
  return Array.from(
    { length: 200 },
    (_, line) => `export const value${line} = ${seed} + ${line * 31};\n`,
  ).join("");
}

/** Folders hold twenty files and folders hold twenty folders, however many there are. */
export async function subject(count: number): Promise<Subject> {
  const repo = new Repo();
  const files = Array.from({ length: count }, (_, at) => {
    const folder = Math.floor(at / 20);
    const [top, middle] = [Math.floor(folder / 400), Math.floor(folder / 20) % 20];
    return `d${top}/e${middle}/f${folder % 20}/n${at % 20}.ts`;
  });
  for (const [at, file] of files.entries()) repo.write(file, `line ${at}\n`.repeat(8));
  repo.commit("start");
  const store = await SnapshotStore.open(op, await requireRepository(op, repo.dir));
  await store.take(op, { session, atMs: 1, cause: "session-start", paths: null });
  const log = openSync(path.join(repo.dir, ".git", "floor"), "a");
  const dispose = (): void => {
    store[Symbol.dispose]();
    repo[Symbol.dispose]();
  };
  return { repo, store, files, log, [Symbol.dispose]: dispose };
}

/** The least that keeping one file costs: read, hash, compress, append; then made durable. */
export function floor({ repo, log }: Subject, file: string, durable: boolean): void {
  const body = readFileSync(path.join(repo.dir, file));
  createHash("sha1").update(body).digest();
  writeSync(log, deflateSync(body, { level: 1 }));
  if (durable) fdatasyncSync(log);
}

/** `git status` with no settings of ours, started as the store starts its own. */
export function bareStatus({ repo }: Subject): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = childProcess.spawn("git", ["status", "--porcelain=v2", "-z"], {
      cwd: repo.dir,
      env: { PATH: process.env["PATH"], HOME: repo.home },
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout?.resume();
    child.on("error", reject);
    child.on("close", () => resolve());
  });
}

/** Counts the programs that this process starts; `withSync(false)` leaves out fdatasync. */
export const probe = {
  spawns: 0,
  syncs: true,
};

const { spawn } = childProcess;
const { fdatasync } = fs;
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  probe.spawns += 1;
  return spawn(...args);
  // Safe: the same function, counted.
}) as typeof spawn;
fs.fdatasync = ((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
  if (probe.syncs) fdatasync(fd, done);
  else done(null);
  // Safe: the only form in which the store calls it.
}) as typeof fdatasync;
syncBuiltinESMExports();
