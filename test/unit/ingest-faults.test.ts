import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hookBytesMax } from "../../capture/base/limits.ts";
import { quietOp } from "../../capture/base/op.ts";
import { readEvents } from "../../capture/bucket/read-unit.ts";
import { findUnit, newUnitPlace } from "../../capture/bucket/units.ts";
import { homeAt } from "../../capture/base/home.ts";
import { Spool } from "../../capture/ingest/spool.ts";
import { type HookLab, makeHookLab, sessionId } from "../support/hook-lab.ts";

const op = quietOp();
const other = "aaaaaaaa-bbbb-4ccc-8ddd-000000000002";
const secret = `ghp_${"aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI3kM5"}`;

function line(lab: HookLab, id: string): string {
  return `${JSON.stringify({
    type: "user",
    uuid: "u1",
    parentUuid: null,
    timestamp: new Date().toISOString(),
    sessionId: id,
    cwd: lab.repo.dir,
    version: "2.1.330",
    message: { role: "user", content: "hello" },
  })}\n`;
}

/** A file stands where the unit's folder should be: nothing can ever be written there. */
async function damage(lab: HookLab): Promise<void> {
  const atMs = Date.now();
  const place = newUnitPlace(lab.home, { harness: "claude-code", nativeId: sessionId, atMs });
  await mkdir(join(place.dir, "source.map"), { recursive: true });
  await mkdir(join(place.dir, "events.jsonl"), { recursive: true });
  await writeFile(join(place.dir, "session.json"), "{}");
}

test("An event that can never be taken in is put aside; those behind it are taken", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  await damage(lab);
  const name = await lab.drop({ hook_event_name: "UserPromptSubmit", prompt: `use ${secret}` });
  await lab.drop({ hook_event_name: "UserPromptSubmit", session_id: other, prompt: "go" });
  const answer = await ingest.drainSpool(op);
  expect(answer).toMatchObject({ events: 1, bad: 1 });
  expect(answer.issues.map(({ rule }) => rule)).toEqual(["hook-failed"]);
  const place = await findUnit(lab.home, "claude-code", other);
  expect((await readEvents(place?.dir ?? "")).some(({ r }) => r === "hook")).toBe(true);
  const kept = await readFile(join(lab.home.spoolBadDir, name), "utf8");
  expect(kept).toContain("[[secret:");
  expect(kept).not.toContain(secret);
  expect((await readdir(lab.home.spoolDir)).filter((entry) => entry.endsWith(".json"))).toEqual([]);
}, 30_000);

test("A damaged unit is an issue of the import, and the other sessions are taken in", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  await damage(lab);
  const folder = join(lab.projects, "-shop");
  for (const id of [sessionId, other]) {
    await writeFile(join(folder, `${id}.jsonl`), line(lab, id));
  }
  const answer = await ingest.importPaths(op, { paths: [] });
  expect(answer.sessions.map(({ trace }) => trace)).toEqual([`claude-code:${other}`]);
  expect(answer.issues.map(({ rule }) => rule)).toEqual(["session-failed"]);
}, 30_000);

test("A spool over its size loses the oldest events, and the answer says how many", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  await writeFile(join(lab.home.spoolDir, "dropped"), "3\n4\n");
  await writeFile(join(lab.home.spoolDir, "notes.json"), "{}");
  const answer = await ingest.captureOnce(op);
  expect(answer.spool).toEqual({ events: 0, bad: 1, dropped: 7 });
  expect(answer.issues.map(({ rule }) => rule).toSorted()).toEqual([
    "hook-not-understood",
    "hooks-dropped",
  ]);
}, 30_000);

test("The spool keeps 512 MB of events, and a bounded number of those put aside", async () => {
  await using lab = await makeHookLab();
  const spool = new Spool(homeAt(join(lab.dir, "home")));
  const names = Array.from({ length: 18 }, (_, at) => `${1_767_323_045 + at}000000000-1.pi.json`);
  for (const name of names) {
    // Sparse: no byte of it is written.
    await writeFile(join(lab.home.spoolDir, name), "");
    await truncate(join(lab.home.spoolDir, name), hookBytesMax);
  }
  expect(await spool.dropOverflow(names)).toBe(2);
  expect(await spool.names()).toEqual(names.slice(2));
  for (const name of names) await rm(join(lab.home.spoolDir, name), { force: true });
  for (let at = 0; at < 205; at += 1) {
    const name = `${String(at).padStart(3, "0")}.json`;
    await writeFile(join(lab.home.spoolDir, name), "no payload");
    await spool.setAside(name, (raw) => Promise.resolve(raw));
  }
  const kept = await readdir(lab.home.spoolBadDir);
  expect(kept).toHaveLength(200);
  expect(kept.toSorted()[0]).toBe("005.json");
}, 30_000);
