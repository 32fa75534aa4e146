import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Logger } from "../../capture/base/log.ts";
import { quietOp } from "../../capture/base/op.ts";
import { readEvents, readTrace } from "../../capture/bucket/read-unit.ts";
import { findUnit } from "../../capture/bucket/units.ts";
import type { LiveChange } from "../../capture/ingest/live.ts";
import { textHead } from "../../capture/model/text.ts";
import { type HookLab, makeHookLab, sessionId } from "../support/hook-lab.ts";

function prompt(lab: HookLab, text: string, uuid: string): string {
  return `${JSON.stringify({
    type: "user",
    uuid,
    parentUuid: null,
    timestamp: "2026-01-02T03:04:05.000Z",
    sessionId,
    cwd: lab.repo.dir,
    version: "2.1.330",
    message: { role: "user", content: text },
  })}\n`;
}

/** Collects what a live capture says, and waits for the next of it. */
class Changes {
  readonly all: LiveChange[] = [];
  #waiting: (() => void) | undefined;

  readonly on = (change: LiveChange): void => {
    this.all.push(change);
    this.#waiting?.();
  };

  async until(count: number): Promise<LiveChange> {
    while (this.all.length < count) {
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    const last = this.all[count - 1];
    if (last === undefined) throw new Error("no change");
    return last;
  }
}

async function texts(lab: HookLab): Promise<string[]> {
  const place = await findUnit(lab.home, "claude-code", sessionId);
  if (place === undefined) return [];
  return (await readTrace(place)).main.steps.map(({ text }) => textHead(text));
}

test("An appended line is in the bucket at once, also in a session that just began", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(), changes.on);
  void live;
  const path = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeFile(path, prompt(lab, "first", "u1"));
  expect(await changes.until(1)).toMatchObject({ trace: `claude-code:${sessionId}`, isNew: true });
  expect(await texts(lab)).toEqual(["first"]);
  const startMs = performance.now();
  await appendFile(path, prompt(lab, "second", "u2"));
  expect(await changes.until(2)).toMatchObject({ isNew: false });
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(await texts(lab)).toEqual(["first", "second"]);
}, 20_000);

test("A session in a folder that did not exist when capture began is found", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(), changes.on);
  void live;
  await mkdir(join(lab.projects, "-other"));
  await writeFile(join(lab.projects, "-other", `${sessionId}.jsonl`), prompt(lab, "hello", "u1"));
  await changes.until(1);
  expect(await texts(lab)).toEqual(["hello"]);
}, 20_000);

test("A home that is removed is not brought back by the one who captured into it", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  let hasStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (hasStopped = resolve));
  const log: Logger = { log: (_, event) => event === "live.home-gone" && hasStopped() };
  await using live = await ingest.startLive({ ...quietOp(), log }, () => undefined);
  await rm(lab.home.root, { recursive: true, force: true });
  await stopped;
  await live[Symbol.asyncDispose]();
  expect(existsSync(lab.home.root)).toBe(false);
}, 20_000);

test("A transcript that is deleted or replaced while it is followed harms nothing", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(), changes.on);
  void live;
  const path = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeFile(path, `${prompt(lab, "first", "u1")}${prompt(lab, "second", "u2")}`);
  await changes.until(1);
  await rm(path);
  await writeFile(path, prompt(lab, "third", "u3"));
  await changes.until(2);
  expect(await texts(lab)).toEqual(["first", "second", "third"]);
  await rm(join(lab.projects, "-shop"), { recursive: true });
  await mkdir(join(lab.projects, "-again"));
  await writeFile(join(lab.projects, "-again", `${sessionId}.jsonl`), prompt(lab, "fourth", "u4"));
  await changes.until(3);
  expect((await texts(lab)).at(-1)).toBe("fourth");
}, 20_000);

test("A hook is answered while capture is live, and not once it has stopped", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "a.js": "one\n" });
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  const live = await ingest.startLive(quietOp(), changes.on);
  const heartbeat = join(lab.home.spoolDir, ".heartbeat");
  expect(await readFile(heartbeat, "utf8")).toMatch(new RegExp(`^\\d{10} ${process.pid}\n$`));
  const name = await lab.drop({ hook_event_name: "UserPromptSubmit", prompt: "go" });
  await changes.until(1);
  expect(await readdir(join(lab.home.spoolDir, "done"))).toEqual([name.replace(".json", "")]);
  await live[Symbol.asyncDispose]();
  await expect(readFile(heartbeat)).rejects.toThrow("ENOENT");
}, 20_000);

test("Where nobody said yes, or somebody said no, nothing is recorded", async () => {
  await using lab = await makeHookLab();
  const path = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeFile(path, prompt(lab, "private", "u1"));
  for (const consent of ["unasked", "paused", "excluded"] as const) {
    await using ingest = await lab.openIngest({ consentOf: () => consent });
    expect((await ingest.captureOnce(quietOp())).sessions).toEqual([]);
    expect(await texts(lab)).toEqual([]);
    const asked = await ingest.importPaths(quietOp(), { paths: [path] });
    expect(asked.sessions).toHaveLength(consent === "unasked" ? 1 : 0);
    await rm(lab.home.bucketDir, { recursive: true, force: true });
  }
}, 20_000);

test("What the editor saw goes to the session that is live in that work tree", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "a.js": "one\n" });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart" });
  await ingest.drainSpool(quietOp());
  const report = {
    root: lab.repo.dir,
    path: "a.js",
    kind: "typed",
    ranges: [[1, 2]],
    atMs: 5,
  } as const;
  const places = await ingest.appendEditorEvent(quietOp(), report);
  expect(places).toHaveLength(1);
  const events = await readEvents(places[0]?.dir ?? "");
  expect(events.at(-1)).toMatchObject({
    r: "editor",
    kind: "typed",
    path: "a.js",
    ranges: [[1, 2]],
  });
  expect(await ingest.appendEditorEvent(quietOp(), { ...report, root: lab.dir })).toEqual([]);
}, 20_000);

test("Live capture logs events and codes, and never a text", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const lines: string[] = [];
  const log: Logger = { log: (...line) => void lines.push(JSON.stringify(line)) };
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(log), changes.on);
  void live;
  await writeFile(
    join(lab.projects, "-shop", `${sessionId}.jsonl`),
    prompt(lab, "secret words", "u1"),
  );
  await changes.until(1);
  expect(lines.join("\n")).not.toContain("secret words");
}, 20_000);

test("A sub-agent's file is followed from its first line on, in a new folder", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(), changes.on);
  void live;
  const main = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeFile(main, prompt(lab, "first", "u1"));
  await changes.until(1);
  const folder = join(lab.projects, "-shop", sessionId, "subagents");
  await mkdir(folder, { recursive: true });
  const said = prompt(lab, "look around", "a1").replace("{", '{"isSidechain":true,"agentId":"a1",');
  const startMs = performance.now();
  await writeFile(join(folder, "agent-a1.jsonl"), said);
  await changes.until(2);
  expect(performance.now() - startMs).toBeLessThan(2_500);
  const place = await findUnit(lab.home, "claude-code", sessionId);
  const trace = place === undefined ? undefined : await readTrace(place);
  expect(trace?.agents.map(({ agent, steps }) => [agent, steps.length])).toEqual([["a1", 1]]);
}, 20_000);

test("A folder that is removed and made again is watched again", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest();
  const changes = new Changes();
  await using live = await ingest.startLive(quietOp(), changes.on);
  void live;
  const folder = join(lab.projects, "-shop");
  await writeFile(join(folder, `${sessionId}.jsonl`), prompt(lab, "first", "u1"));
  await changes.until(1);
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await writeFile(join(folder, `${sessionId}.jsonl`), prompt(lab, "second", "u2"));
  await changes.until(2);
  expect(await texts(lab)).toEqual(["first", "second"]);
}, 20_000);
