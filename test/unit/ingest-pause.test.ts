import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { readEvents, readTrace } from "../../capture/bucket/read-unit.ts";
import { findUnit } from "../../capture/bucket/units.ts";
import { textHead } from "../../capture/model/text.ts";
import { consentOf, isTrusted, pausesOf, writeConsent } from "../../capture/setup/consent.ts";
import { type HookLab, makeHookLab, sessionId } from "../support/hook-lab.ts";

const op = quietOp();
const startMs = Date.parse("2026-01-02T03:00:00.000Z");
const minute = (count: number): number => startMs + count * 60_000;

function said(lab: HookLab, text: string, at: number): string {
  return `${JSON.stringify({
    type: "user",
    uuid: `u${at}`,
    parentUuid: null,
    timestamp: new Date(minute(at)).toISOString(),
    sessionId,
    cwd: lab.repo.dir,
    version: "2.1.330",
    message: { role: "user", content: text },
  })}\n`;
}

function consents(lab: HookLab) {
  return {
    consentOf: (folder: string) => consentOf(lab.home, folder),
    pausesOf: (folder: string) => pausesOf(lab.home, folder),
  };
}

async function texts(lab: HookLab): Promise<string[]> {
  const place = await findUnit(lab.home, "claude-code", sessionId);
  if (place === undefined) return [];
  return (await readTrace(place)).main.steps.map(({ text }) => textHead(text));
}

test("What was written during a pause stays out after it, and a gap says so", async () => {
  await using lab = await makeHookLab();
  const { home, repo } = lab;
  await using ingest = await lab.openIngest(consents(lab));
  const path = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeConsent(home, repo.dir, "on", { nowMs: minute(0) });
  await writeFile(path, said(lab, "before", 1));
  await ingest.captureOnce(op);
  await writeConsent(home, repo.dir, "paused", { nowMs: minute(2) });
  await appendFile(path, said(lab, "private one", 3));
  await appendFile(path, `${JSON.stringify({ type: "last-prompt", lastPrompt: "private two" })}\n`);
  await ingest.captureOnce(op);
  expect(await texts(lab)).toEqual(["before"]);
  await writeConsent(home, repo.dir, "on", { nowMs: minute(4) });
  await appendFile(path, said(lab, "after", 5));
  await ingest.captureOnce(op);
  expect(await texts(lab)).toEqual(["before", "after"]);
  await using again = await lab.openIngest(consents(lab));
  await again.importPaths(op, { paths: [path] });
  expect(await texts(lab)).toEqual(["before", "after"]);
  const place = await findUnit(home, "claude-code", sessionId);
  const events = await readEvents(place?.dir ?? "");
  expect(events.filter(({ r }) => r === "gap")).toMatchObject([
    { what: "transcript", why: "paused" },
  ]);
  const source = await readFile(join(place?.dir ?? "", "source.jsonl"), "utf8");
  expect(source).not.toContain("private");
  expect(source.split("\n")).toHaveLength(5);
}, 30_000);

test("While a repository is paused, an import takes nothing of it and says why", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest(consents(lab));
  const path = join(lab.projects, "-shop", `${sessionId}.jsonl`);
  await writeFile(path, said(lab, "private", 1));
  await writeConsent(lab.home, lab.repo.dir, "paused");
  const answer = await ingest.importPaths(op, { paths: [path] });
  expect(answer.sessions).toEqual([]);
  expect(answer.issues.map(({ rule }) => rule)).toEqual(["capture-paused"]);
  expect(await texts(lab)).toEqual([]);
}, 30_000);

test("A session that began and ended within a pause leaves no unit", async () => {
  await using lab = await makeHookLab();
  await using ingest = await lab.openIngest(consents(lab));
  await writeConsent(lab.home, lab.repo.dir, "paused", { nowMs: minute(0) });
  await writeFile(join(lab.projects, "-shop", `${sessionId}.jsonl`), said(lab, "private", 1));
  await writeConsent(lab.home, lab.repo.dir, "on", { nowMs: Date.now() + 60_000 });
  expect((await ingest.captureOnce(op)).sessions).toEqual([]);
  expect(await findUnit(lab.home, "claude-code", sessionId)).toBeUndefined();
}, 30_000);

test("A repository is trusted where a person who trusts it said that it is recorded", async () => {
  await using lab = await makeHookLab();
  const { home, repo } = lab;
  await writeConsent(home, repo.dir, "on");
  expect(isTrusted(home, repo.dir)).toBe(false);
  await writeConsent(home, repo.dir, "on", { trusted: true });
  expect(isTrusted(home, join(repo.dir, "src"))).toBe(true);
  expect(consentOf(home, repo.dir)).toBe("on");
  await writeConsent(home, repo.dir, "paused");
  expect(isTrusted(home, repo.dir)).toBe(false);
}, 30_000);
