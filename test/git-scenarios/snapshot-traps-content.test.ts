import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";

import { Repo } from "../support/repo.ts";
import {
  changesOf,
  contentOf,
  openStore,
  skippedOf,
  take,
  takeQuietly,
} from "../support/snapshots.ts";

describe("traps 4 and 25: content that git converts", () => {
  test("line ends, ident and encodings give git's own ids, also with new attributes", async () => {
    using repo = new Repo();
    repo.commit("start", {
      ".gitattributes": "*.txt text\n*.id ident\n*.u16 text working-tree-encoding=UTF-16\n",
      "a.txt": "a\n",
    });
    repo.write("a.txt", "a\r\nb\r\n");
    repo.write("v.id", "$Id$\n");
    repo.write("w.u16", Buffer.from("\ufeffhello\n", "utf16le"));
    repo.write("raw.bin", "a\r\n");
    using store = await openStore(repo.dir);
    expect((await take(store)).tree).toBe(repo.treeOfWorkTree());
    repo.write(".gitattributes", "*.bin text\n");
    repo.write("raw.bin", "a\r\nc\r\n");
    repo.write("sub/.gitattributes", "*.dos text eol=crlf\n");
    repo.write("sub/x.dos", "x\r\n");
    const paths = [".gitattributes", "raw.bin", "sub/.gitattributes", "sub/x.dos"];
    const snapshot = await take(store, paths);
    expect(await contentOf(repo, snapshot, "raw.bin")).toBe("a\nc\n");
    expect(await contentOf(repo, snapshot, "sub/x.dos")).toBe("x\n");
  });

  test.each(["true", "input"])(
    "core.autocrlf=%s, with a file that has CRLF in the index already",
    async (value) => {
      using repo = new Repo();
      repo.commit("start", { "old.txt": "a\r\nb\r\n", "plain.txt": "a\n" });
      repo.git("config", "core.autocrlf", value);
      repo.write("old.txt", "a\r\nb\r\nc\r\n");
      repo.write("plain.txt", "a\r\nb\r\n");
      repo.write("new.txt", "n\r\n");
      repo.write("bin.dat", Buffer.from("a\r\n\0\r\n"));
      using store = await openStore(repo.dir);
      expect((await take(store)).tree).toBe(repo.treeOfWorkTree());
      repo.write("new.txt", "n\r\nm\r\n");
      repo.write("old.txt", "a\r\n");
      expect((await take(store, ["new.txt", "old.txt"])).tree).toBe(repo.treeOfWorkTree());
    },
  );

  test("trap 5: a clean filter is run; one that fails costs only its own conversion", async () => {
    using repo = new Repo();
    repo.commit("start", {
      ".gitattributes": "*.up filter=up\n*.bad filter=bad\n",
      "a.txt": "a\n",
    });
    repo.git("config", "filter.up.clean", "tr a-z A-Z");
    repo.git("config", "filter.bad.clean", "false");
    repo.git("config", "filter.bad.required", "true");
    repo.write("x.up", "shout\n");
    repo.write("y.bad", "raw\n");
    repo.write("z.txt", "z\n");
    const snapshot = await takeQuietly(repo);
    expect(await contentOf(repo, snapshot, "x.up")).toBe("SHOUT\n");
    expect(await contentOf(repo, snapshot, "y.bad")).toBe("raw\n");
    expect(await contentOf(repo, snapshot, "z.txt")).toBe("z\n");
  });

  test("in an untrusted workspace no filter runs", async () => {
    using repo = new Repo();
    repo.commit("start", { ".gitattributes": "*.up filter=up\n", "a.txt": "a\n" });
    repo.git("config", "filter.up.clean", `touch ${repo.path("ran")}; cat`);
    using store = await openStore(repo.dir, false);
    repo.write("x.up", "shout\n");
    const snapshot = await take(store);
    expect(await contentOf(repo, snapshot, "x.up")).toBe("shout\n");
    expect(existsSync(repo.path("ran"))).toBe(false);
  });
});

test("trap 21: names with tab, newline, quotes, a leading dash and non-UTF-8 bytes", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n", ".gitattributes": "*.crlf text\n" });
  const names = [
    "tab\there",
    "new\nline",
    'quo"te',
    "-dash",
    ":(top)x",
    "back\\slash",
    "back\\xff",
    "nl\n.crlf",
    'q".crlf',
    "e\u0301.txt",
    "\u00e9.txt",
  ];
  for (const name of names) repo.write(name, `${name}\r\n`);
  const odd = Buffer.concat([Buffer.from(`${repo.dir}/`), Buffer.from("bad\xff.txt", "latin1")]);
  writeFileSync(odd, "odd\n");
  const snapshot = await takeQuietly(repo);
  expect(snapshot.tree).toBe(repo.treeOfWorkTree());
  expect(await contentOf(repo, snapshot, String.raw`bad\xff.txt`)).toBe("odd\n");
  expect(await contentOf(repo, snapshot, String.raw`back\x5cxff`)).toBe("back\\xff\r\n");

  writeFileSync(odd, "odd again\n");
  for (const name of names) repo.write(name, `${name} again\r\n`);
  const declared = names.map((name) => name.replaceAll("\\xff", String.raw`\x5cxff`));
  const second = await takeQuietly(repo, [...declared, String.raw`bad\xff.txt`]);
  expect(second.tree).toBe(repo.treeOfWorkTree());
  using store = await openStore(repo.dir);
  expect(await changesOf(store, second)).toHaveLength(names.length + 1);
});

test("trap 22: flags of the user's index hide nothing", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n" });
  repo.git("update-index", "--assume-unchanged", "a.txt", "c.txt");
  repo.git("update-index", "--skip-worktree", "b.txt");
  repo.write("a.txt", "a2\n");
  repo.write("b.txt", "b2\n");
  repo.remove("c.txt");
  const snapshot = await takeQuietly(repo);
  expect(await contentOf(repo, snapshot, "a.txt")).toBe("a2\n");
  expect(await contentOf(repo, snapshot, "b.txt")).toBe("b2\n");
  expect(await contentOf(repo, snapshot, "c.txt")).toBeNull();
});

test("trap 24: a file over 8 MiB is kept as size and git's hash; a giant one as size", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  repo.write("big.bin", Buffer.alloc(9 * 1024 * 1024, "x"));
  repo.write("giant.bin", "");
  truncateSync(repo.path("giant.bin"), 5 * 1024 * 1024 * 1024);
  const snapshot = await takeQuietly(repo);
  expect(snapshot.skipped).toEqual([
    {
      path: "big.bin",
      why: "over-limit",
      sizeBytes: 9 * 1024 * 1024,
      hash: repo.git("hash-object", "big.bin"),
    },
    { path: "giant.bin", why: "over-limit", sizeBytes: 5 * 1024 * 1024 * 1024 },
  ]);
  expect(snapshot.tree).toBe(repo.git("rev-parse", "HEAD^{tree}"));
});

test("untracked files with secret names stay hash and size, tracked ones are whole", async () => {
  using repo = new Repo();
  repo.commit("start", { "tracked.pem": "public\n" });
  repo.write("tracked.pem", "still public\n");
  for (const name of [".env", "conf/.env.local", "id_ed25519", "key.pem"])
    repo.write(name, "TOKEN=x\n");
  repo.write("id_generator.ts", "code\n");
  const first = await takeQuietly(repo);
  expect(skippedOf(first)).toEqual(
    [".env", "conf/.env.local", "id_ed25519", "key.pem"].map((name) => `secret-name ${name}`),
  );
  expect(await contentOf(repo, first, "tracked.pem")).toBe("still public\n");
  expect(await contentOf(repo, first, "id_generator.ts")).toBe("code\n");
  repo.write(".env", "TOKEN=y\n");
  const declared = await takeQuietly(repo, [".env"]);
  expect(declared).toMatchObject({
    isNew: false,
    skipped: [{ path: ".env", why: "secret-name", sizeBytes: 8 }],
  });
});

test("pipes and sockets are passed over", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  execFileSync("mkfifo", [repo.path("pipe")]);
  repo.remove("a.txt");
  execFileSync("mkfifo", [repo.path("a.txt")]);
  const snapshot = await takeQuietly(repo, null);
  expect(skippedOf(snapshot)).toEqual(["special-file a.txt"]);
});

test("a file and a folder trade places", async () => {
  using repo = new Repo();
  repo.commit("start", { x: "file\n", "y/inner.txt": "inner\n", "y/other.txt": "other\n" });
  using store = await openStore(repo.dir);
  await take(store);
  repo.remove("x");
  repo.remove("y");
  repo.write("x/inner.txt", "inner\n");
  repo.write("y", "file\n");
  expect((await take(store)).tree).toBe(repo.treeOfWorkTree());
  renameSync(repo.path("x"), repo.path("z"));
  expect((await take(store, ["x/inner.txt", "z"])).tree).toBe(repo.treeOfWorkTree());
  mkdirSync(repo.path("empty"));
  symlinkSync("nowhere", path.join(repo.dir, "dangling"));
  expect((await take(store, ["empty", "dangling", "y"])).tree).toBe(repo.treeOfWorkTree());
});
