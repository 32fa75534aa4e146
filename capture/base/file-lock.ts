import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
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

/** A lock that is held; disposing it lets go. */
export interface HeldLock extends AsyncDisposable {
  /** False once somebody removed it, with its folder say, whoever has it since. */
  readonly isHeld: () => boolean;
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
/** A lock without readable content for this long is nobody's: a disk that has no links left it. */
const emptyLockAgeMsMax = 5_000;

/**
 * Takes the lock `file`, waiting for its holder; disposing it lets go.
 *
 * A lock whose process is gone (same host, no such process, or another process under its number)
 * is taken over. A lock from another host never is. Throws `busy`, `disk-full`, `home-read-only`.
 */
export async function lockFile(op: Op, file: string, options: LockOptions = {}): Promise<HeldLock> {
  const waitMs = options.waitMs ?? waitMsDefault;
  const deadlineMs = performance.now() + waitMs;
  const mine = await describeSelf();
  for (let pollMs = pollMsFirst; ; pollMs = Math.min(pollMs * 2, pollMsMax)) {
    throwIfCancelled(op);
    if (await tryCreate(file, mine)) {
      return {
        isHeld: () => isHolder(readHolder(file), mine),
        [Symbol.asyncDispose]: async () => release(file, mine),
      };
    }
    const holder = readHolder(file);
    const isLeft = holder !== null && (await isStale(file, holder));
    if (isLeft && (await breakLock(file, holder, mine))) continue;
    if (performance.now() >= deadlineMs) throw busy(file, holder, waitMs);
    await delay(pollMs);
  }
}

/** A lock appears with its content at once: nobody ever reads one that is half written. */
async function tryCreate(file: string, mine: Holder): Promise<boolean> {
  if (existsSync(file)) return false;
  const draft = `${file}.${mine.token}`;
  try {
    // Synchronous: the usual case is a free lock, taken in microseconds.
    writeFileSync(draft, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
    linkInto(draft, file, mine);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (isErrno(error, "ENOENT")) {
      await makeFolder(path.dirname(file));
      return tryCreate(file, mine);
    }
    throw systemFault(error, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function linkInto(draft: string, file: string, mine: Holder): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isErrno(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")) throw error;
    // A disk without links.
    writeFileSync(file, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
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
 * Removes a stale lock, and only that one; false if another process is at it.
 *
 * Many may see the same stale lock, and while one of them is about to remove it, another may have
 * done so already and hold the next. So only who holds a lock of its own, named for the stale one,
 * looks again and removes it. A breaker that dies leaves that lock, which is broken the same way.
 */
async function breakLock(
  file: string,
  stale: Holder | "unreadable",
  mine: Holder,
): Promise<boolean> {
  const right = `${file}.stale-${stale === "unreadable" ? stale : stale.token}`;
  if (!(await tryCreate(right, mine))) {
    const breaker = readHolder(right);
    if (breaker === null) return true;
    return (await isStale(right, breaker)) && breakLock(right, breaker, mine);
  }
  try {
    const found = readHolder(file);
    if (stale === "unreadable" ? found === stale : isHolder(found, stale)) {
      rmSync(file, { force: true });
    }
  } finally {
    release(right, mine);
  }
  return true;
}

function isHolder(found: Holder | "unreadable" | null, holder: Holder): boolean {
  return found !== null && found !== "unreadable" && found.token === holder.token;
}

/** Only its own: a lock that somebody took for stale may be another's by now. */
function release(file: string, mine: Holder): void {
  try {
    if (isHolder(readHolder(file), mine)) unlinkSync(file);
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
