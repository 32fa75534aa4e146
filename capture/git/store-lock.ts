import { existsSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";

import { type HeldLock, lockFile } from "../base/file-lock.ts";
import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";

/** Steps of an agent follow one another quickly: for so long the lock is not given back. */
const keptMs = 2_000;
/** So often a holder looks whether another process wants it meanwhile. */
const lookMs = 50;
/** So often an asker asks anew: another one's turn may have used its asking up. */
const askMs = 500;
const waitMsMax = 10_000;

interface Held {
  readonly lock: HeldLock;
  readonly timer: NodeJS.Timeout;
  /** Others wanted it as well: it is given back at once. */
  readonly isContended: boolean;
  usedAtMs: number;
  isUsed: boolean;
}

/** The locks that this process holds, by store; one work after another has each. */
const held = new Map<string, Held>();
const turns = new Map<string, Promise<unknown>>();

/**
 * Runs `work` as the only writer of a store, in this process and among all others.
 *
 * Making and removing a lock file costs as much as all else of a snapshot. So the lock is kept a
 * while for the next one, unless another process asks for it by the file `lock.wanted`. A process
 * that dies leaves a lock that the next one takes over. Throws `busy`.
 */
export function asWriter<T>(op: Op, storeDir: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(storeDir) ?? Promise.resolve()).then(async () => {
    const mine = await take(op, storeDir);
    mine.isUsed = true;
    try {
      return await work();
    } finally {
      mine.isUsed = false;
      mine.usedAtMs = performance.now();
      if (mine.isContended || existsSync(wantedOf(storeDir))) giveBack(storeDir);
    }
  });
  const settled = turn.catch(() => undefined);
  turns.set(storeDir, settled);
  void settled.then(() => {
    if (turns.get(storeDir) === settled) turns.delete(storeDir);
  });
  return turn;
}

/** Gives the lock back, unless it is in use at this moment. */
export function letGo(storeDir: string): void {
  if (held.get(storeDir)?.isUsed === false) giveBack(storeDir);
}

async function take(op: Op, storeDir: string): Promise<Held> {
  const known = held.get(storeDir);
  // Whoever removed the store took the lock along.
  if (known?.lock.isHeld() === true) return known;
  if (known !== undefined) giveBack(storeDir);
  const isContended = existsSync(lockOf(storeDir));
  const lock = isContended
    ? await askFor(op, storeDir)
    : await lockFile(op, lockOf(storeDir), { waitMs: askMs }).catch((error: unknown) => {
        if (isBusy(error)) return askFor(op, storeDir);
        throw error;
      });
  const timer = setInterval(() => look(storeDir), lookMs);
  timer.unref();
  const mine = { lock, timer, isContended, isUsed: false, usedAtMs: performance.now() };
  held.set(storeDir, mine);
  return mine;
}

async function askFor(op: Op, storeDir: string): Promise<HeldLock> {
  const deadlineMs = performance.now() + waitMsMax;
  for (;;) {
    const isLast = performance.now() + askMs >= deadlineMs;
    try {
      if (existsSync(storeDir)) writeFileSync(wantedOf(storeDir), "", { mode: 0o600 });
      return await lockFile(op, lockOf(storeDir), { waitMs: askMs });
    } catch (error) {
      if (isLast || !isBusy(error)) throw error;
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof OtError && error.code === "busy";
}

function look(storeDir: string): void {
  const mine = held.get(storeDir);
  if (mine === undefined || mine.isUsed) return;
  const isOld = performance.now() - mine.usedAtMs > keptMs;
  if (isOld || existsSync(wantedOf(storeDir))) giveBack(storeDir);
}

function giveBack(storeDir: string): void {
  const mine = held.get(storeDir);
  if (mine === undefined) return;
  held.delete(storeDir);
  clearInterval(mine.timer);
  // Used up: who still waits asks again, and who died does not.
  rmSync(wantedOf(storeDir), { force: true });
  void mine.lock[Symbol.asyncDispose]();
}

function lockOf(storeDir: string): string {
  return path.join(storeDir, "lock");
}

function wantedOf(storeDir: string): string {
  return path.join(storeDir, "lock.wanted");
}
