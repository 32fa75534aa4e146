import { randomBytes } from "node:crypto";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { systemFault } from "./atomic-write.ts";
import { isErrno, OtError } from "./errors.ts";
import { type Op, throwIfCancelled } from "./op.ts";

export interface LockOptions {
  /** How long to wait for the holder; then `busy` is thrown. 0: ask once. */
  readonly waitMs?: number;
}

/** Who holds a lock, as its file says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the holding process started, as the system counts it; empty where it cannot be told. */
  readonly started: string;
  /** Tells this holding of the lock from any other. */
  readonly token: string;
}

const waitMsDefault = 10_000;
const pollMsFirst = 2;
const pollMsMax = 100;
/** A lock without readable content for this long was left by a crash between open and write. */
const emptyLockAgeMsMax = 5_000;

/**
 * Takes the lock `file`, waiting for its holder; disposing it lets go.
 *
 * A lock whose process is gone (same host, no such process, or another process under its number)
 * is taken over. A lock from another host never is. Throws `busy`, `disk-full`, `home-read-only`.
 */
export async function lockFile(
  op: Op,
  file: string,
  options: LockOptions = {},
): Promise<AsyncDisposable> {
  const waitMs = options.waitMs ?? waitMsDefault;
  const deadlineMs = performance.now() + waitMs;
  const mine = await describeSelf();
  for (let pollMs = pollMsFirst; ; pollMs = Math.min(pollMs * 2, pollMsMax)) {
    throwIfCancelled(op);
    if (await tryCreate(file, mine)) {
      return { [Symbol.asyncDispose]: async () => release(file, mine) };
    }
    const holder = readHolder(file);
    if (holder !== null && (await isStale(file, holder))) {
      await breakLock(file, holder);
      continue;
    }
    if (performance.now() >= deadlineMs) throw busy(file, holder, waitMs);
    await delay(pollMs);
  }
}

async function tryCreate(file: string, mine: Holder): Promise<boolean> {
  try {
    // Synchronous: the usual case is a free lock, taken in microseconds.
    writeFileSync(file, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (isErrno(error, "ENOENT")) {
      await makeFolder(path.dirname(file));
      return tryCreate(file, mine);
    }
    // A lock that could not be written must not stay behind as somebody's.
    if (isErrno(error, "ENOSPC", "EDQUOT", "EIO")) await rm(file, { force: true });
    throw systemFault(error, file);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw systemFault(error, folder);
  }
}

/** The holder, `"unreadable"` for a file with no sense in it, null if the lock is gone. */
function readHolder(file: string): Holder | "unreadable" | null {
  try {
    return parseHolder(readFileSync(file, "utf8")) ?? "unreadable";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw systemFault(error, file);
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    // Safe: each member is checked below.
    const { pid, host, started, token } = value as Partial<Record<keyof Holder, unknown>>;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    if (typeof started !== "string" || typeof token !== "string") return undefined;
    return { pid, host, started, token };
  } catch {
    return undefined;
  }
}

async function isStale(file: string, holder: Holder | "unreadable"): Promise<boolean> {
  if (holder === "unreadable") {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > emptyLockAgeMsMax;
  }
  if (holder.host !== os.hostname()) return false;
  if (!isAlive(holder.pid)) return true;
  const started = await processStart(holder.pid);
  return holder.started !== "" && started !== "" && started !== holder.started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

/**
 * Removes a stale lock, and only that one.
 *
 * Two waiters may both see the same stale lock. Renaming it aside is atomic, so one of them gets
 * it; if what was renamed turns out to be a fresh lock, it is put back.
 */
async function breakLock(file: string, stale: Holder | "unreadable"): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw systemFault(error, file);
  }
  const taken = readHolder(aside);
  const same =
    taken === "unreadable" || stale === "unreadable"
      ? taken === stale
      : taken !== null && taken.token === stale.token;
  if (same) await rm(aside, { force: true });
  else await rename(aside, file);
}

/** Only its own: a lock that somebody took for stale may be another's by now. */
function release(file: string, mine: Holder): void {
  try {
    if (readFileSync(file, "utf8") === JSON.stringify(mine)) unlinkSync(file);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR")) throw systemFault(error, file);
  }
}

let selfStarted: Promise<string> | undefined;

async function describeSelf(): Promise<Holder> {
  selfStarted ??= processStart(process.pid);
  return {
    pid: process.pid,
    host: os.hostname(),
    started: await selfStarted,
    token: randomBytes(9).toString("hex"),
  };
}

/** Start time in ticks since boot, from /proc; empty on systems without it. */
async function processStart(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "latin1");
    // The command name, in parentheses, may hold anything; the 22nd field is counted after it.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function busy(file: string, holder: Holder | "unreadable" | null, waitMs: number): OtError {
  const who =
    holder === null || holder === "unreadable"
      ? "another process"
      : `process ${holder.pid} on ${holder.host}`;
  return new OtError("busy", `${file} is held by ${who}, for longer than ${waitMs} ms.`, {
    hint: "Try again when it is done; if no such process exists, remove the file.",
  });
}
