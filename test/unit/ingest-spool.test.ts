import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { readBlob } from "../../capture/bucket/blobs.ts";
import { readEvents, readObservedPatches } from "../../capture/bucket/read-unit.ts";
import { readSessionFile } from "../../capture/bucket/session-file.ts";
import { findUnit } from "../../capture/bucket/units.ts";
import type { EventRecord } from "../../capture/model/events.ts";
import { type HookLab, makeHookLab, sessionId } from "../support/hook-lab.ts";

const op = quietOp();
const write = (path: string): Record<string, unknown> => ({
  tool_name: "Write",
  tool_use_id: "call-1",
  tool_input: { file_path: path, content: "…" },
});

async function unitDir(lab: HookLab): Promise<string> {
  const place = await findUnit(lab.home, "claude-code", sessionId);
  return place?.dir ?? "no unit";
}

function told(event: EventRecord): string {
  if (event.r === "hook") return `hook ${event.name} ${event.paths.join(",")}`.trim();
  if (event.r === "snapshot") return `snapshot ${event.cause}`;
  return event.r === "gap" ? `gap ${event.why}` : event.r;
}

test("Hooks become events behind their snapshots, and what snapshots show patches", async () => {
  await using lab = await makeHookLab();
  const head = lab.repo.commit("first", { "src/a.js": "one\ntwo\n", "CLAUDE.md": "Be kind.\n" });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart", source: "startup" });
  await ingest.drainSpool(op);
  await lab.drop({ hook_event_name: "UserPromptSubmit", prompt: "Please fix it" });
  await lab.drop({ hook_event_name: "PreToolUse", ...write(join(lab.repo.dir, "src/a.js")) });
  await ingest.drainSpool(op);
  lab.repo.write("src/a.js", "one\n2\n");
  await lab.drop({ hook_event_name: "PostToolUse", ...write(join(lab.repo.dir, "src/a.js")) });
  expect(await ingest.drainSpool(op)).toMatchObject({ events: 1, bad: 0 });

  const dir = await unitDir(lab);
  const events = await readEvents(dir);
  expect(events.map(told)).toEqual([
    "environment",
    "snapshot session-start",
    "hook SessionStart",
    "snapshot prompt",
    "hook UserPromptSubmit",
    "snapshot pre",
    "hook PreToolUse src/a.js",
    "snapshot post",
    "hook PostToolUse src/a.js",
  ]);
  expect(events.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const [patch, ...others] = await readObservedPatches(dir);
  expect(others).toEqual([]);
  expect(patch).toMatchObject({
    path: "src/a.js",
    op: "modify",
    evidence: "observed",
    between: [5, 7],
    added: 1,
    deleted: 1,
    hunks: [{ oldStart: 2, oldLines: 1, newStart: 2, newLines: 1 }],
    before: { text: "one\ntwo\n", mode: "100644", oid: lab.repo.git("rev-parse", "HEAD:src/a.js") },
    after: { text: "one\n2\n" },
  });
  const session = await readSessionFile(dir);
  expect(session).toMatchObject({
    title: "Please fix it",
    cwd: lab.repo.dir,
    environment: { head, headTree: lab.repo.git("rev-parse", "HEAD^{tree}") },
    repository: { root: lab.repo.dir, rootCommits: [head], worktree: "main" },
  });
  expect(Object.keys(session?.environment?.instructions ?? {})).toEqual(["CLAUDE.md"]);
  expect((await readdir(lab.home.spoolDir)).filter((name) => name !== "done")).toEqual([]);
  expect(await readdir(join(lab.home.spoolDir, "done"))).toHaveLength(4);
}, 30_000);

test("An event that was taken in before a crash is not taken in twice", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "a.js": "one\n" });
  await using ingest = await lab.openIngest();
  const name = await lab.drop({ hook_event_name: "Stop" });
  await ingest.drainSpool(op);
  const before = await readEvents(await unitDir(lab));
  const payload = { session_id: sessionId, hook_event_name: "Stop", cwd: lab.repo.dir };
  await writeFile(join(lab.home.spoolDir, name), JSON.stringify(payload));
  await ingest.drainSpool(op);
  expect(await readEvents(await unitDir(lab))).toEqual(before);
});

test("What is no hook payload is counted, told, and put aside", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  await writeFile(join(lab.home.spoolDir, "1767323045000000001-7.claude-code.json"), "no json");
  await writeFile(join(lab.home.spoolDir, "1767323045000000002-7.claude-code.json"), "{}");
  await writeFile(join(lab.home.spoolDir, "notes.json"), "{}");
  const answer = await ingest.captureOnce(op);
  expect(answer.spool).toEqual({ events: 0, bad: 3, dropped: 0 });
  expect(answer.issues.map(({ rule }) => rule)).toEqual(
    Array.from({ length: 3 }, () => "hook-not-understood"),
  );
  expect(await readdir(lab.home.spoolBadDir)).toHaveLength(3);
});

test("A boundary nobody looked at in time is a gap; one the shim marked its snapshot", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "a.js": "one\n" });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart" });
  await ingest.drainSpool(op);
  const events = await readEvents(await unitDir(lab));
  const first = events.find((event) => event.r === "snapshot");
  const boundary = `snapshot ${first?.id} ${first?.tree} refs/opentraces/x`;
  await lab.drop(
    { hook_event_name: "UserPromptSubmit", prompt: "go" },
    { atMs: Date.now() - 60_000 },
  );
  await lab.drop({ hook_event_name: "Stop" }, { boundary });
  await lab.drop({ hook_event_name: "Stop" }, { boundary: "none budget" });
  await ingest.drainSpool(op);
  const later = await readEvents(await unitDir(lab));
  expect(later.slice(events.length).map(told)).toEqual([
    "gap late",
    "hook UserPromptSubmit",
    "snapshot stop",
    "hook Stop",
    "gap budget",
    "hook Stop",
  ]);
}, 30_000);

test("Secrets never reach the unit, and their lines keep a keyed hash", async () => {
  await using lab = await makeHookLab();
  const secret = `ghp_${"aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI3kM5"}`;
  lab.repo.commit("first", { "a.js": "one\n" });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "UserPromptSubmit", prompt: `use ${secret}` });
  await ingest.drainSpool(op);
  lab.repo.write("a.js", `one\nconst key = "${secret}";\n${"long line\n".repeat(4_000)}`);
  await lab.drop({ hook_event_name: "Stop" });
  await ingest.drainSpool(op);
  const dir = await unitDir(lab);
  const [patch] = await readObservedPatches(dir);
  expect(patch?.after?.redactedLines).toEqual([[1, expect.stringMatching(/^[0-9a-f]{64}$/)]]);
  const text = patch?.after?.text;
  expect(text).toMatchObject({ bytes: expect.any(Number) });
  const blob =
    typeof text === "object" && text !== null ? (await readBlob(dir, text.blob)).toString() : "";
  expect(blob).toContain("[[secret:");
  expect(blob).not.toContain(secret);
  expect(JSON.stringify(await readEvents(dir))).not.toContain(secret);
}, 30_000);

test("Where there is no repository, or no folder any more, hooks are still taken in", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart", cwd: lab.dir });
  await lab.drop({ hook_event_name: "Stop", cwd: join(lab.dir, "gone") });
  await ingest.drainSpool(op);
  const events = await readEvents(await unitDir(lab));
  expect(events.map(told)).toEqual([
    "environment",
    "gap no-repository",
    "hook SessionStart",
    "hook Stop",
  ]);
}, 30_000);
