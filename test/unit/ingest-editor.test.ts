import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { readEvents } from "../../capture/bucket/read-unit.ts";
import { readSessionFile } from "../../capture/bucket/session-file.ts";
import { findUnit } from "../../capture/bucket/units.ts";
import { openKey } from "../../capture/bucket/key.ts";
import { RepositoryIdentities } from "../../capture/ingest/repository-identities.ts";
import { SnapshotPool } from "../../capture/ingest/snapshot-pool.ts";
import { makeHookLab, sessionId } from "../support/hook-lab.ts";

const op = quietOp();

test("What an editor saw below the root or behind a link has the root's paths", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "src/a.js": "one\n" });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart" });
  await ingest.drainSpool(op);
  const link = join(lab.dir, "link");
  symlinkSync(join(lab.repo.dir, "src"), link);
  const secret = `ghp_${"aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI3kM5"}`;
  const report = { kind: "typed", ranges: [[1, 1]], atMs: 5 } as const;
  await ingest.appendEditorEvent(op, { ...report, root: link, path: "a.js" });
  await ingest.appendEditorEvent(op, { ...report, root: lab.repo.dir, path: `x/${secret}.js` });
  const place = await findUnit(lab.home, "claude-code", sessionId);
  const events = await readEvents(place?.dir ?? "");
  const paths = events.filter((event) => event.r === "editor").map(({ path }) => path);
  expect(paths).toEqual(["src/a.js", expect.stringMatching(/^x\/\[\[secret:.*\]\]\.js$/)]);
}, 30_000);

test("Instructions down to the working folder, and the user's own, are in force", async () => {
  await using lab = await makeHookLab();
  lab.repo.commit("first", { "CLAUDE.md": "a", "app/AGENTS.md": "b", "app/web/CLAUDE.md": "c" });
  writeFileSync(join(lab.dir, ".claude", "CLAUDE.md"), "mine");
  mkdirSync(join(lab.repo.dir, "app", "web"), { recursive: true });
  await using ingest = await lab.openIngest();
  await lab.drop({ hook_event_name: "SessionStart", cwd: join(lab.repo.dir, "app", "web") });
  await ingest.drainSpool(op);
  const place = await findUnit(lab.home, "claude-code", sessionId);
  const session = await readSessionFile(place?.dir ?? "");
  expect(Object.keys(session?.environment?.instructions ?? {})).toEqual([
    "CLAUDE.md",
    "app/AGENTS.md",
    "app/web/CLAUDE.md",
    join(lab.dir, ".claude", "CLAUDE.md"),
  ]);
}, 30_000);

test("That a folder has no repository, or one without a commit, is asked again soon", async () => {
  await using lab = await makeHookLab();
  const pool = new SnapshotPool();
  const identities = new RepositoryIdentities(await openKey(lab.home), pool);
  const now = vi.spyOn(performance, "now");
  try {
    now.mockReturnValue(1_000);
    expect((await identities.identityOf(op, lab.repo.dir))?.rootCommits).toEqual([]);
    expect(await identities.repositoryOf(op, lab.dir)).toBeNull();
    const head = lab.repo.commit("first", { "a.js": "one\n" });
    lab.repo.git("init", "-q", lab.dir);
    now.mockReturnValue(7_000);
    expect((await identities.identityOf(op, lab.repo.dir))?.rootCommits).toEqual([head]);
    expect(await identities.repositoryOf(op, lab.dir)).not.toBeNull();
  } finally {
    now.mockRestore();
  }
}, 30_000);
