import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { openEngine } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { quietOp } from "../../capture/base/op.ts";
import { LiveLab } from "./live-lab.ts";
import { openStore } from "./snapshots.ts";

export const editedSession = "44444444-aaaa-4aaa-8aaa-000000000001";
export const plainSession = "55555555-aaaa-4aaa-8aaa-000000000001";
/** Needs every kind of escape in a ref. */
export const oddSession = "odd.id with ü";
const liveMsMax = 30_000;
export const editorRanges = [[2, 3]] as const;

/** A home that live capture filled, with something of everything that is only known live. */
export interface LiveHome extends AsyncDisposable {
  readonly lab: LiveLab;
  /** Hooks of the recorded session that ran. */
  readonly hookRuns: number;
  /** A copy of the repository in which nothing waits in the write-ahead file. */
  readonly packed: string;
  /** A payload that lies in the spool, byte for byte as the hook got it. */
  readonly waiting: string;
}

export async function makeLiveHome(): Promise<LiveHome> {
  const lab = new LiveLab("simple-fix");
  try {
    await lab.ot("setup", "claude-code", "--yes");
    await lab.startEngine();
    const hookRuns = await lab.play();
    await editWhileLive(lab);
    beginWithoutRepository(lab);
    await lab.stopEngine();
    await lab.ot("capture", "--once");
    const waiting = editWhileNobodyListens(lab);
    await snapshotsInTheFile(lab);
    const packed = path.join(lab.dir, "packed");
    cpSync(lab.repository, packed, { recursive: true });
    using store = await openStore(packed, false);
    await store.flush(quietOp());
    return {
      lab,
      hookRuns,
      packed,
      waiting,
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

function hook(lab: LiveLab, payload: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(payload);
  execFileSync(
    path.join(lab.home, "bin/opentraces-hook"),
    ["claude-code", String(payload["hook_event_name"])],
    { cwd: String(payload["cwd"]), env: lab.env, input: text },
  );
  return text;
}

/** A session of this very hour, in which a person types while the agent is at work. */
async function editWhileLive(lab: LiveLab): Promise<void> {
  const cwd = lab.repository;
  const transcript = path.join(lab.configFolder, "projects/-live", `${editedSession}.jsonl`);
  const common = { session_id: editedSession, transcript_path: transcript, cwd };
  mkdirSync(path.dirname(transcript), { recursive: true });
  hook(lab, { ...common, hook_event_name: "SessionStart", source: "startup" });
  hook(lab, { ...common, hook_event_name: "UserPromptSubmit", prompt: "Look at the cart." });
  const record = {
    type: "user",
    uuid: "u1",
    parentUuid: null,
    timestamp: new Date().toISOString(),
    sessionId: editedSession,
    cwd,
    version: "2.1.330",
    message: { role: "user", content: "Look at the cart." },
  };
  appendFileSync(transcript, `${JSON.stringify(record)}\n`);
  const op = quietOp();
  const engine = await openEngine({ mode: "shared", home: lab.home, log: silentLogger });
  const report = { root: cwd, path: "src/cart.js", kind: "typed", ranges: editorRanges } as const;
  const startMs = Date.now();
  // Which sessions are live is looked up every few seconds.
  for (; !allEvents(lab).includes('"r":"editor"'); await pause(500)) {
    if (Date.now() - startMs > liveMsMax) throw new Error("the editor's report came nowhere");
    await engine.reportEditor(op, { ...report, atMs: Date.now() });
  }
  await engine.close();
}

function allEvents(lab: LiveLab): string {
  const sessions = path.join(lab.home, "bucket/sessions");
  if (!existsSync(sessions)) return "";
  return readdirSync(sessions, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("events.jsonl"))
    .map((name) => readFileSync(path.join(sessions, name), "utf8"))
    .join("");
}

/** Recorded by consent, but in no repository: there is nothing to take a snapshot of. */
function beginWithoutRepository(lab: LiveLab): void {
  const cwd = path.join(lab.dir, "notes");
  mkdirSync(cwd);
  const marks = path.join(lab.home, "consent", cwd);
  mkdirSync(marks, { recursive: true });
  writeFileSync(path.join(marks, "@on"), "");
  hook(lab, { session_id: plainSession, cwd, hook_event_name: "SessionStart", source: "startup" });
}

/** The shim alone marks the boundary; the event stays in the spool. */
function editWhileNobodyListens(lab: LiveLab): string {
  appendFileSync(path.join(lab.repository, "src/cart.js"), "// while nobody listened\n");
  return hook(lab, {
    session_id: editedSession,
    cwd: lab.repository,
    hook_event_name: "PostToolUse",
    tool_name: "Bash",
    tool_use_id: "toolu_waiting",
    tool_input: { command: "echo" },
  });
}

async function snapshotsInTheFile(lab: LiveLab): Promise<void> {
  using store = await openStore(lab.repository, false);
  const session = { harness: "claude-code", nativeId: oddSession };
  for (const [number, cause] of ["session-start", "post"].entries()) {
    writeFileSync(path.join(lab.repository, "notes.txt"), `note ${number}\n`);
    writeFileSync(path.join(lab.repository, "id_deploy"), "not for anybody\n");
    const atMs = 1_800_000_000_000 + number;
    await store.take(quietOp(), { session, atMs, cause, paths: null });
  }
}
