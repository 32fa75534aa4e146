import { chmodSync, lstatSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { toBytePath, toModelPath } from "../../capture/git/paths.ts";
import { parseStatus } from "../../capture/git/parse/status.ts";
import { parseBlame } from "../../capture/git/parse/blame.ts";
import { parseHunks, parseRawDiff } from "../../capture/git/parse/diff.ts";
import { parseTree } from "../../capture/git/objects.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { parseSessionRef, sessionRef } from "../../capture/git/session-ref.ts";
import { parseSnapshotCommit } from "../../capture/git/snapshot-commit.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { formatBatch, parseBatches } from "../../capture/git/wal-format.ts";
import { Repo } from "../support/repo.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "f0220000" };

// Few names, so that files and folders collide; sorting traps among them.
const part = fc.constantFrom("a", "a.b", "a-b", "a0", "b", "\u00e9", "c d");
const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const change = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      name,
      text: fc.string({ maxLength: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), name }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("link" as const),
      name,
      text: fc.constantFrom("a", "b/c", ".."),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("executable" as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Makes one change; the paths it touched. A path below a file or a link makes room for itself. */
function apply(repo: Repo, made: Change): string[] {
  if (made.kind === "commit") {
    repo.commit("user");
    return [];
  }
  const touched: string[] = [];
  const parts = made.name.split("/");
  for (let end = 1; end < parts.length; end++) {
    const above = parts.slice(0, end).join("/");
    const stat = lstatSync(repo.path(above), { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) continue;
    repo.remove(above);
    touched.push(above);
  }
  const stat = lstatSync(repo.path(made.name), { throwIfNoEntry: false });
  if (made.kind === "executable") {
    if (stat?.isFile() === true) chmodSync(repo.path(made.name), 0o755);
    return [...touched, made.name];
  }
  repo.remove(made.name);
  if (made.kind === "write") repo.write(made.name, made.text);
  if (made.kind === "link") repo.link(made.name, made.text);
  return [...touched, made.name];
}

test("whatever happens to files, a snapshot's tree is git's own, named paths or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean()), {
        minLength: 1,
        maxLength: 6,
      }),
      async (rounds) => {
        using repo = new Repo();
        repo.commit("start", { "a/b": "x\n", "a.b": "y\n", "c d/e/f": "z\n" });
        using store = await SnapshotStore.open(op, await requireRepository(op, repo.dir), {
          trusted: true,
        });
        let atMs = 1;
        let before = await store.take(op, { session, atMs, cause: "session-start", paths: null });
        for (const [changes, named] of rounds) {
          const paths = changes.flatMap((made) => apply(repo, made));
          atMs += 1;
          const now = await store.take(op, {
            session,
            atMs,
            cause: "post",
            paths: named ? paths : null,
          });
          expect(now.tree).toBe(repo.treeOfWorkTree());
          const diff = repo.gitWith(
            { GIT_ALTERNATE_OBJECT_DIRECTORIES: "" },
            "--git-dir=.git/opentraces",
            "rev-parse",
            "--is-bare-repository",
          );
          expect(diff).toBe("true");
          if (now.isNew) expect(now.parent).toBe(before.commit);
          before = now;
        }
      },
    ),
    { numRuns: 15, seed: 20260201, endOnFailure: true },
  );
}, 120_000);

test("a path survives the way into the records and back, whatever its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.boolean(), (bytes, escape) => {
      const path = (escape ? "\\xff\\x5c" : "") + Buffer.from(bytes).toString("latin1");
      expect(toBytePath(toModelPath(path))).toBe(path);
    }),
    { numRuns: 2_000 },
  );
});

test("a session's ref survives any id, and git takes it", () => {
  using repo = new Repo();
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.string({ unit: "binary", minLength: 1 }),
      (nativeId, worktree) => {
        const key = {
          harness: "pi",
          nativeId: nativeId.toWellFormed(),
          worktree: worktree.toWellFormed(),
        };
        expect(parseSessionRef(sessionRef(key, key.worktree))).toEqual(key);
      },
    ),
  );
  for (const odd of ["..", "a.lock", "@{x}", "a b~^:?*[", "-", "\u0000"])
    repo.git("check-ref-format", sessionRef({ harness: "pi", nativeId: odd }, odd));
});

test("a write-ahead file cut or changed anywhere gives a prefix of its batches", () => {
  const batch = (i: number) =>
    formatBatch(
      [
        {
          oid: String(i).repeat(40),
          type: "blob",
          sizeBytes: 9,
          stored: Buffer.from("object blob\nsnapshot\n"),
        },
      ],
      { ref: "refs/opentraces/x/y/z", commit: String(i).repeat(40), old: "0".repeat(40) },
    );
  const file = Buffer.concat([1, 2, 3].map(batch));
  const whole = parseBatches(file, 0).batches.map((one) => one.snapshot.commit);
  expect(whole).toHaveLength(3);
  fc.assert(
    fc.property(fc.nat(file.length), fc.nat(file.length - 1), fc.nat(255), (size, at, byte) => {
      const cut = Buffer.from(file.subarray(0, size));
      if (at < cut.length) cut[at] = byte;
      const found = parseBatches(cut, 0).batches.map((one) => one.snapshot.commit);
      expect(whole.slice(0, found.length)).toEqual(found);
    }),
    { numRuns: 3_000 },
  );
});

test("no parser throws, whatever git is made to say", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(
        "",
        "1 .M N... ",
        ":100644 ",
        "@@ -1 +1 @@\n",
        "tree \n\nopentraces snapshot\n",
      ),
      (bytes, start) => {
        const input = Buffer.concat([Buffer.from(start), bytes]);
        for (const parse of [
          parseStatus,
          parseBlame,
          parseHunks,
          parseRawDiff,
          parseSnapshotCommit,
        ])
          parse(input);
        parseTree("sha1", input);
        parseBatches(input, 0);
      },
    ),
    { numRuns: 3_000 },
  );
});
