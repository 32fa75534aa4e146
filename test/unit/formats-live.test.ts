import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import {
  editedSession,
  editorRanges,
  type LiveHome,
  makeLiveHome,
  oddSession,
  plainSession,
} from "../support/live-home.ts";
import {
  applied,
  contentLines,
  gitBlobId,
  type Hunk,
  type Json,
  readWal,
  records,
  unitsBelow,
  type WalFile,
} from "../support/plain-reader.ts";

// What live capture leaves, read by `capture/ARCHITECTURE.md` and plain git alone.

const recorded = "11111111-aaaa-4aaa-8aaa-000000000001";
const oid = /^[0-9a-f]{40}$/;

let live: LiveHome;
let home: string;
let repository: string;
let storeDir: string;
let wal: WalFile;
let units: Map<string, string>;

beforeAll(async () => {
  live = await makeLiveHome();
  ({ home, repository } = live.lab);
  storeDir = path.join(repository, ".git/opentraces");
  wal = readWal(path.join(storeDir, "wal"));
  const dirs = unitsBelow(path.join(home, "bucket/sessions"));
  units = new Map(dirs.map((dir) => [path.basename(dir), dir]));
}, 180_000);

afterAll(() => live[Symbol.asyncDispose]());

/** Git with nothing of the user's settings; `null` for the store of the packed copy. */
function git(gitDir: string | null, ...args: readonly string[]): string {
  const dir = gitDir ?? path.join(live.packed, ".git/opentraces");
  const env = { PATH: process.env["PATH"], HOME: live.lab.dir, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [`--git-dir=${dir}`, ...args], { env, stdio: "pipe" }).toString();
}

function rows(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function unit(nativeId: string): string {
  const dir = units.get(nativeId);
  if (dir === undefined) throw new Error(`no unit of ${nativeId}`);
  return dir;
}

function events(nativeId: string, kind?: string): Json[] {
  const all = records(path.join(unit(nativeId), "events.jsonl"));
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => at));
  return kind === undefined ? all : all.filter(({ r }) => r === kind);
}

test("Consent is a file below the absolute path of the repository, and may say more", () => {
  const marks = path.join(home, "consent", repository);
  expect(readdirSync(marks)).toEqual(["@on"]);
  expect(["", "trusted\n"]).toContain(readFileSync(path.join(marks, "@on"), "utf8"));
});

test("A hook event has its snapshot or its gap right before it, with its call id", () => {
  const all = events(recorded);
  const hooks = all.filter(({ r }) => r === "hook");
  expect(hooks).toHaveLength(live.hookRuns);
  const spooled = hooks.map(({ spool }) => String(spool));
  expect(spooled).toEqual(spooled.toSorted());
  for (const { seq, name, tool, callId, spool } of hooks) {
    expect(spool).toMatch(/^\d{19}-\d+\.claude-code\.json$/);
    if (name !== "PreToolUse" || tool !== "Edit") continue;
    const before = all[Number(seq) - 1];
    expect(["snapshot", "gap"]).toContain(before?.["r"]);
    expect(before?.["callId"]).toBe(callId);
  }
  const edits = hooks.filter(({ name, tool }) => name === "PreToolUse" && tool === "Edit");
  expect(edits.map(({ paths }) => paths)).toEqual([["src/cart.js"], ["src/cart.js"]]);
});

test("A gap says why there is no snapshot, and an editor event which lines were typed", () => {
  expect(events(plainSession, "gap")).toEqual([
    expect.objectContaining({ what: "snapshot", why: "no-repository", callId: null }),
  ]);
  const [typed] = events(editedSession, "editor");
  expect(typed).toMatchObject({ kind: "typed", path: "src/cart.js", ranges: editorRanges });
});

test("The environment names HEAD, its tree, and the files in force by their hashes", () => {
  const [event, ...others] = events(recorded, "environment");
  expect(others).toEqual([]);
  const environment = event?.["environment"] as Json;
  const dir = path.join(repository, ".git");
  expect(git(dir, "rev-parse", `${String(environment["head"])}^{tree}`).trim()).toBe(
    environment["headTree"],
  );
  expect(events(recorded, "snapshot").map(({ id }) => id)).toContain(environment["snapshot"]);
  for (const kind of ["lockFiles", "instructions", "skills"]) {
    for (const [name, hash] of Object.entries(environment[kind] as Json)) {
      const bytes = readFileSync(path.resolve(repository, name));
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
    }
  }
});

test("session.json says which repository it was, and how long and whole each file is", () => {
  const session = JSON.parse(readFileSync(path.join(unit(recorded), "session.json"), "utf8"));
  const gitDir = path.join(repository, ".git");
  expect(session).toMatchObject({
    schema: "opentraces.session.v1",
    harness: "claude-code",
    nativeId: recorded,
    cwd: repository,
    repository: {
      rootCommits: rows(git(gitDir, "rev-list", "--max-parents=0", "HEAD")),
      remotes: [],
      root: repository,
      commonDir: gitDir,
      worktree: "main",
    },
    environment: events(recorded, "environment")[0]?.["environment"],
    counts: { events: events(recorded).length },
  });
  const truth = ["source.jsonl", "source.map", "events.jsonl"];
  expect(Object.keys(session.digests).toSorted()).toEqual(truth.toSorted());
  for (const name of truth) {
    const bytes = readFileSync(path.join(unit(recorded), name));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(session.digests[name]).toEqual({ bytes: bytes.length, sha256 });
  }
  expect(Object.keys(session.folds)).toContain("trail.live.jsonl");
  for (const [name, length] of Object.entries(session.folds)) {
    expect(statSync(path.join(unit(recorded), name)).size).toBe(length);
  }
});

test("An observed patch is what differs between two snapshots, in content and by git's ids", () => {
  const all = events(recorded);
  const patches = records(path.join(unit(recorded), "trail.live.jsonl"));
  expect(new Set(patches.map((patch) => patch["path"]))).toContain("src/cart.js");
  for (const patch of patches) {
    expect(patch).toMatchObject({ r: "patch", evidence: "observed" });
    expect(patch["id"]).toMatch(oid);
    const [from, to] = (patch["between"] as number[]).map((seq) => all[seq]);
    expect([from?.["r"], to?.["r"]]).toEqual(["snapshot", "snapshot"]);
    expect(from?.["worktree"]).toBe(to?.["worktree"]);
    const sides = [
      [from, patch["before"], patch["from"] ?? patch["path"]],
      [to, patch["after"], patch["path"]],
    ] as const;
    for (const [snapshot, side, name] of sides) {
      const listed = git(null, "ls-tree", String(snapshot?.["id"]), "--", String(name));
      const { oid: id, mode } = (side ?? {}) as Json;
      expect(listed).toBe(
        side === null ? "" : `${String(mode)} blob ${String(id)}\t${String(name)}\n`,
      );
    }
    const before = contentLines(unit(recorded), patch["before"]);
    const after = contentLines(unit(recorded), patch["after"]);
    if (before === null || after === null) continue;
    expect(applied(before, after, patch["hunks"] as Hunk[])).toEqual(after);
    const { text, redactedLines, oid: id } = (patch["after"] ?? {}) as Json;
    if (typeof text === "string" && redactedLines === undefined) expect(gitBlobId(text)).toBe(id);
  }
});

test("An event that waits is its payload, and its mark names a snapshot in the store", () => {
  const spool = path.join(home, "spool");
  const names = readdirSync(spool).filter((name) => /^\d/.test(name));
  expect(names).toHaveLength(2);
  const stem = names[0]?.replace(/\.boundary$/, "") ?? "";
  expect(names).toEqual([`${stem}.boundary`, `${stem}.json`]);
  expect(stem).toMatch(/^\d{19}-\d+\.claude-code$/);
  expect(readFileSync(path.join(spool, `${stem}.json`), "utf8")).toBe(live.waiting);
  const mark = readFileSync(path.join(spool, `${stem}.boundary`), "utf8");
  const [, commit = "", tree] = /^snapshot ([0-9a-f]{40}) ([0-9a-f]{40})\n$/.exec(mark) ?? [];
  expect(git(storeDir, "rev-parse", `${commit}^{tree}`).trim()).toBe(tree);
  expect(git(storeDir, "show", `${commit}:src/cart.js`)).toContain("// while nobody listened");
  expect(git(storeDir, "log", "-1", "--format=%B", commit)).toContain("\nCause: shim\n");
});

test("The store is a bare repository that borrows, and the user's has nothing but pins", () => {
  expect(readFileSync(path.join(storeDir, "objects/info/alternates"), "utf8")).toBe(
    "../../objects\n",
  );
  expect(git(storeDir, "config", "core.bare").trim()).toBe("true");
  expect(git(storeDir, "config", "opentraces.version").trim()).toBe("1");
  const pins = rows(
    git(
      path.join(repository, ".git"),
      "for-each-ref",
      "--format=%(refname) %(objecttype) %(objectname)",
      "refs/opentraces*",
    ),
  ).map((row) => row.split(" "));
  expect(pins.map(([ref, type]) => `${ref} ${type}`)).toEqual(
    pins.map((_, at) => `refs/opentraces-pin-${at + 1} tree`),
  );
  const pinned = pins.map(([, , tree]) => tree);
  const bases = new Set(events(recorded, "snapshot").map(({ base }) => String(base)));
  for (const base of bases) {
    expect(pinned).toContain(
      git(path.join(repository, ".git"), "rev-parse", `${base}^{tree}`).trim(),
    );
  }
  expect(new Set(pinned).size).toBe(pinned.length);
});

test("The write-ahead file holds whole snapshots: objects by id, and who follows whom", () => {
  expect(wal.format).toBe("sha1");
  expect(wal.snapshots.length).toBeGreaterThanOrEqual(2);
  for (const [id, { type, body }] of wal.objects) {
    const hash = createHash("sha1").update(`${type} ${body.length}\0`).update(body);
    expect(hash.digest("hex")).toBe(id);
  }
  const ref = `refs/opentraces/claude-code/${escaped(oddSession)}/main`;
  expect(ref).toContain("odd%2Eid%20with%20%C3%BC");
  const [first, second] = wal.snapshots.filter((snapshot) => snapshot.ref === ref);
  expect(first?.old).toBe("0".repeat(40));
  expect(second?.old).toBe(first?.commit);
  const commit = wal.objects.get(second?.commit ?? "")?.body.toString("utf8") ?? "";
  expect(commit).toContain(`parent ${first?.commit}\n`);
  expect(commit).toContain("\nCause: post\nAt-Ms: 1800000000001\n");
  expect(commit).toMatch(/\nSkipped: \{"hash":"[0-9a-f]{40}","path":"id_deploy",.*\}\n$/);
  // Nothing of it is packed yet, so git alone does not know it.
  expect(() => git(storeDir, "cat-file", "-e", String(second?.commit))).toThrow();
});

test("Once packed, plain git reads every snapshot: its ref, its chain, its tree", () => {
  const packedWal = readWal(path.join(live.packed, ".git/opentraces/wal"));
  expect(packedWal.snapshots).toEqual([]);
  expect(packedWal.generation).not.toBe(wal.generation);
  expect(git(null, "fsck", "--strict", "--no-dangling")).toBe("");

  const refs = rows(git(null, "for-each-ref", "--format=%(refname) %(objectname)"));
  const tips = new Map(refs.map((row) => [row.split(" ")[0], row.split(" ")[1]]));
  for (const snapshot of wal.snapshots) expect([...tips.keys()]).toContain(snapshot.ref);
  const tip = tips.get(`refs/opentraces/claude-code/${recorded}/main`) ?? "";
  const chain = rows(git(null, "rev-list", tip));
  const taken = events(recorded, "snapshot");
  expect(new Set(taken.map(({ id }) => id))).toEqual(new Set(chain));
  // Where nothing had changed the snapshot before stands again; only HEAD may be another.
  const firsts = taken.filter(
    ({ id }, at) => taken.findIndex((other) => other["id"] === id) === at,
  );
  expect(firsts.length).toBeGreaterThan(2);
  for (const { id, tree, parent, base, worktree } of firsts) {
    const row = git(null, "log", "-1", "--format=%T %P", String(id)).trim();
    const [treeThere, parentThere = null] = row.split(" ");
    expect([treeThere, parentThere]).toEqual([tree, parent]);
    const message = git(null, "log", "-1", "--format=%B", String(id));
    expect(message).toMatch(messageForm);
    expect(message).toContain(`\nBase: ${String(base)}\nWorktree: ${String(worktree)}\n`);
  }
});

const messageForm = new RegExp(
  [
    "^opentraces snapshot\n\nCause: [a-z-]+\nAt-Ms: \\d+\n",
    "Base: (?:[0-9a-f]{40}|none)\nWorktree: main\n(?:Skipped: \\{.*\\}\n)*\n?$",
  ].join(""),
);

test("A snapshot's tree is the work tree, and without what was skipped", () => {
  const ref = `refs/opentraces/claude-code/${escaped(oddSession)}/main`;
  const listed = rows(git(null, "ls-tree", "-r", ref));
  const names = listed.map((row) => row.slice(row.indexOf("\t") + 1));
  expect(names).toContain("notes.txt");
  expect(names).not.toContain("id_deploy");
  for (const row of listed) {
    const [, id, name] = /^100(?:644|755) blob ([0-9a-f]{40})\t(.+)$/.exec(row) ?? [];
    const file = path.join(repository, name ?? "");
    expect(existsSync(file)).toBe(true);
    const bytes = readFileSync(file);
    expect(createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")).toBe(
      id,
    );
  }
});

/** Each byte but letters, digits, `-` and `_` as `%XX`. */
function escaped(part: string): string {
  return [...Buffer.from(part)]
    .map((byte) => String.fromCharCode(byte))
    .map((char) =>
      /[A-Za-z0-9_-]/.test(char)
        ? char
        : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
