import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { systemFault } from "../base/atomic-write.ts";
import { type Home, homeFrom } from "../base/home.ts";
import { parsedOrUndefined } from "../base/jsonl.ts";
import { quietOp } from "../base/op.ts";
import { discover } from "../git/repository.ts";
import { SnapshotStore } from "../git/snapshot-store.ts";
import { storeDirOf, storeExists } from "../git/store-folder.ts";
import { consentOf } from "./consent.ts";
import { quietEvents } from "./shim.ts";

export interface HookCall {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly harness: string;
  readonly event: string | null;
  readonly stdin: AsyncIterable<Buffer>;
}

const answerMsMax = 1_000;
const answerPollMs = 5;
const heartbeatAgeMsMax = 4_000;

/**
 * Takes one hook payload exactly as the shim does, and leaves the same files; its slow twin.
 *
 * Reads stdin to its end in any case. Throws what writing throws; the caller swallows it, for a
 * hook must never disturb the agent.
 */
export async function takeHook(call: HookCall): Promise<void> {
  const home = homeFrom(call.env);
  const isWanted = /^[a-z-]+$/.test(call.harness) && consentOf(home, call.cwd) === "on";
  const payload = await readAll(call.stdin, isWanted);
  if (!isWanted || payload.length === 0) return;
  const nowMs = Date.now();
  const stem = `${nowNanoseconds()}-${process.pid}.${call.harness}`;
  const draft = path.join(home.spoolDir, `.${stem}.tmp`);
  try {
    await mkdir(home.spoolDir, { recursive: true, mode: 0o700 });
    await writeNew(draft, payload);
    const isBoundary = !quietEvents.some((event) => event === call.event);
    const isAnswered = isBoundary && (await engineAnswers(home, nowMs));
    if (isBoundary && !isAnswered) {
      await mark(home, stem, await boundaryLine(call, { payload, atMs: nowMs }));
    }
    await rename(draft, path.join(home.spoolDir, `${stem}.json`));
    if (isAnswered) await answered(path.join(home.spoolDir, "done", stem));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw systemFault(error, home.spoolDir);
  }
}

async function readAll(stdin: AsyncIterable<Buffer>, isKept: boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) if (isKept) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Unix time in 19 digits; the clock of this process resolves microseconds. */
function nowNanoseconds(): string {
  return `${Math.round((performance.timeOrigin + performance.now()) * 1000)}000`;
}

async function writeNew(file: string, bytes: Buffer | string): Promise<void> {
  await using handle = await open(file, "wx", 0o600);
  await handle.writeFile(bytes);
}

async function engineAnswers(home: Home, nowMs: number): Promise<boolean> {
  const heartbeat = path.join(home.spoolDir, ".heartbeat");
  const text = await readFile(heartbeat, "utf8").catch(() => "");
  const [, seconds, pid] = /^(\d+) (\d+)/.exec(text) ?? [];
  if (seconds === undefined || nowMs - Number(seconds) * 1000 > heartbeatAgeMsMax) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

async function answered(file: string): Promise<void> {
  const deadlineMs = performance.now() + answerMsMax;
  while (performance.now() < deadlineMs) {
    if ((await stat(file).catch(() => null)) !== null) return;
    await delay(answerPollMs);
  }
}

async function mark(home: Home, stem: string, line: string): Promise<void> {
  const draft = path.join(home.spoolDir, `.${stem}.mark`);
  await writeNew(draft, `${line}\n`);
  await rename(draft, path.join(home.spoolDir, `${stem}.boundary`));
}

/** Takes the snapshot where there is a store, and says how that went. */
async function boundaryLine(
  call: HookCall,
  event: { readonly payload: Buffer; readonly atMs: number },
): Promise<string> {
  const nativeId = sessionIdOf(event.payload);
  if (nativeId === null) return "none no-session";
  try {
    const op = quietOp();
    const found = await discover(op, call.cwd);
    if (found.kind !== "ok" || !storeExists(storeDirOf(found.repository))) {
      return "none no-snapshot";
    }
    using store = await SnapshotStore.open(op, found.repository);
    const session = { harness: call.harness, nativeId };
    const { commit, tree } = await store.take(op, {
      session,
      atMs: event.atMs,
      cause: "shim",
      paths: null,
    });
    return `snapshot ${commit} ${tree}`;
  } catch {
    return "none no-snapshot";
  }
}

function sessionIdOf(payload: Buffer): string | null {
  const value = parsedOrUndefined(payload.toString("utf8"));
  if (typeof value !== "object" || value === null || !("session_id" in value)) return null;
  const id = value.session_id;
  return typeof id === "string" && /^[A-Za-z0-9._-]+$/.test(id) ? id : null;
}
