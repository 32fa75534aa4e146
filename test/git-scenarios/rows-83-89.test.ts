import { readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const owners = { "a.txt": "old*2 A:1*2 old*6" };

async function begin(s: Scenario) {
  s.repo.commit("Begin", { "a.txt": human, "d/x.txt": human });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

/** The agent adds two lines, and the user commits that as "Take it". */
async function taken(s: Scenario): Promise<string> {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  return s.commit("Take it");
}

const alive = { A: ["1 a.txt alive E1@Take it:3-4"] };

row(83, "what a sparse checkout leaves out is alive all the same", async (s) => {
  await taken(s);
  s.git("sparse-checkout", "set", "d");
  return { owners: { "HEAD:a.txt": owners["a.txt"], "d/x.txt": "old*8" }, patches: alive };
});

row(
  83,
  "a shallow clone that the session worked in owns what it saw, and guesses no more",
  async (s) => {
    await taken(s);
    s.user({ "b.txt": "later\n" });
    s.commit("Later");
    await s.capture();
    // The history behind the last commit goes.
    s.repo.write(".git/shallow", `${s.repo.git("rev-parse", "HEAD")}\n`);
    s.git("reflog", "expire", "--expire=all", "--all");
    s.git("gc", "--quiet", "--prune=now");
    return {
      owners: { "a.txt": "?*2 A:1*2 ?*6", "b.txt": "?" },
      patches: { A: ["1 a.txt alive"] },
    };
  },
);

row(83, "in a partial clone nothing is fetched, and what is not there is unknown", async (s) => {
  await taken(s);
  await s.capture();
  const clone = `${s.repo.dir}-partial`;
  s.repo.git("config", "uploadpack.allowFilter", "true");
  const from = `file://${s.repo.dir}`;
  s.repo.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", from, clone);
  const packs = readdirSync(`${clone}/.git/objects/pack`).length;
  await holds(s, {
    in: realpathSync(clone),
    owners: { "HEAD:a.txt": "not-found" },
    // Its id alone says that the file is what the snapshot saw.
    patches: { A: ["1 a.txt alive E1@Take it:3-4"] },
  });
  expect(readdirSync(`${clone}/.git/objects/pack`).length).toBe(packs);
  rmSync(clone, { recursive: true });
  return { owners, patches: alive };
});

row(84, "a detached HEAD and an orphan branch are answered as any other", async (s) => {
  const a = await begin(s);
  s.git("checkout", "--quiet", "--detach");
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  s.commit("Take it");
  await holds(s, { owners, patches: alive, onMain: { A: ["1 a.txt lost"] } });
  s.git("checkout", "--quiet", "--orphan", "fresh");
  s.commit("Fresh");
  return {
    owners,
    patches: { A: ["1 a.txt alive E1@Fresh:3-4"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(84, "before the first commit of a repository its files are owned all the same", async (s) => {
  const a = await s.session("A");
  await a.prompt();
  await a.write("a.txt", "from nothing\n");
  await a.stop();
  await holds(s, {
    owners: { "a.txt": "A:1" },
    patches: { A: ["1 a.txt pending"] },
    onMain: {},
  });
  s.commit("The first");
  return { owners: { "a.txt": "A:1" }, patches: { A: ["1 a.txt alive E1@The first:1"] } };
});

row(
  84,
  "a repository with sha256 ids is traced",
  async (s) => {
    await taken(s);
    return { owners, patches: alive };
  },
  { objectFormat: "sha256" },
);

row(84, "a bare repository says plainly that there is nothing to trace", async (s) => {
  await taken(s);
  await s.capture();
  const bare = `${s.repo.dir}-bare`;
  s.repo.git("clone", "--quiet", "--bare", s.repo.dir, bare);
  await expect(s.context(bare)).rejects.toMatchObject({ code: "no-repository" });
  rmSync(bare, { recursive: true });
  return { owners, patches: alive };
});

row(85, "history rewritten, reflogs expired and pruned: snapshots and owners stay", async (s) => {
  await taken(s);
  await s.capture();
  s.git("reset", "--quiet", "--soft", "HEAD~1");
  s.user({ "a.txt": `${s.repo.read("a.txt")}by hand\n`, "staged.txt": "staged\n" });
  s.git("add", "a.txt");
  s.git("commit", "--quiet", "--message", "Rewritten");
  s.git("add", "staged.txt");
  s.git("reflog", "expire", "--expire=all", "--expire-unreachable=all", "--all");
  s.git("repack", "-a", "-d", "--quiet");
  s.git("gc", "--quiet", "--prune=now");
  const rewritten = {
    owners: { "a.txt": "old*2 A:1*2 old*6 human" },
    patches: { A: ["1 a.txt alive E2@Rewritten:3-4"] },
  };
  await holds(s, rewritten);
  expect(s.repo.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
  expect(s.repo.git("--git-dir", s.repo.path(".git/opentraces"), "fsck", "--no-dangling")).toBe("");
  expect(s.repo.git("diff", "--cached", "--name-only")).toBe("staged.txt");
  // The store goes: the bucket alone still knows.
  rmSync(s.repo.path(".git/opentraces"), { recursive: true });
  const pins = s.repo.git("for-each-ref", "--format=%(refname)", "refs/opentraces-pin-*");
  for (const pin of pins.split("\n")) s.repo.git("update-ref", "-d", pin);
  s.git("gc", "--quiet", "--prune=now");
  expect(s.repo.git("fsck", "--full", "--strict", "--no-dangling")).toBe("");
  return rewritten;
});

row(86, "all of history filtered: the lines are found again by content", async (s) => {
  await taken(s);
  s.user({ "a.txt": s.repo.read("a.txt").replace("one\n", "by hand\n") });
  s.commit("By hand");
  const quiet = { FILTER_BRANCH_SQUELCH_WARNING: "1" };
  const who = "GIT_AUTHOR_EMAIL=other@example.org; export GIT_AUTHOR_EMAIL";
  s.repo.gitWith(quiet, "filter-branch", "--force", "--env-filter", who, "HEAD");
  return {
    owners: { "a.txt": "human old A:1*2 old*6" },
    patches: { A: ["1 a.txt alive E1@Take it:3-4"] },
  };
});

row(87, "replacements and grafts are not followed", async (s) => {
  const commit = await taken(s);
  const other = s.repo.git("commit-tree", "-m", "Another", "HEAD~1^{tree}");
  s.repo.git("replace", commit, other);
  await holds(s, { owners, patches: alive });
  s.repo.git("replace", "--delete", commit);
  s.repo.write(".git/info/grafts", `${commit}\n`);
  return { owners, patches: alive };
});

/** Settings with which people, and tools, change what git prints. */
const hostile: readonly (readonly [string, string])[] = [
  ["diff.noprefix", "true"],
  ["diff.mnemonicPrefix", "true"],
  ["diff.external", "false"],
  ["diff.renames", "copies"],
  ["diff.algorithm", "patience"],
  ["diff.relative", "true"],
  ["diff.ignoreSubmodules", "all"],
  ["diff.x.textconv", "false"],
  ["diff.x.command", "false"],
  ["color.ui", "always"],
  ["color.diff", "always"],
  ["core.quotePath", "true"],
  ["core.abbrev", "4"],
  ["core.pager", "false"],
  ["core.hooksPath", "/nowhere"],
  ["core.fsmonitor", "false"],
  ["core.precomposeUnicode", "true"],
  ["alias.log", "!false"],
  ["alias.blame", "!false"],
  ["alias.cat-file", "!false"],
  ["log.showSignature", "true"],
  ["log.follow", "true"],
  ["log.date", "relative"],
  ["log.decorate", "full"],
  ["log.mailmap", "true"],
  ["log.diffMerges", "combined"],
  ["log.showRoot", "false"],
  ["blame.coloring", "highlightRecent"],
  ["blame.showEmail", "true"],
  ["blame.showRoot", "true"],
  ["blame.blankBoundary", "true"],
  ["blame.markUnblamableLines", "true"],
  ["blame.ignoreRevsFile", "nowhere"],
  ["format.pretty", "oneline"],
  ["i18n.logOutputEncoding", "UTF-16"],
  ["status.short", "true"],
  ["status.branch", "true"],
  ["status.relativePaths", "true"],
  ["status.renames", "copies"],
];

row(88, "no setting of the user's changes an answer", async (s) => {
  const a = await begin(s);
  for (const [key, value] of hostile) s.repo.git("config", key, value);
  s.repo.write(".git/info/attributes", "* diff=x\n");
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.bash("generate", () => s.repo.write("sub dir/\u00fc.txt", "new\n"));
  await a.stop();
  s.commit("Take it");
  // The scenario reads subjects with git's own settings.
  s.repo.git("config", "i18n.logOutputEncoding", "UTF-8");
  return {
    owners: { ...owners, "sub dir/\u00fc.txt": "A:2" },
    patches: {
      A: ["1 a.txt alive E1@Take it:3-4", "2 sub dir/\u00fc.txt alive E1@Take it:1"],
    },
  };
});

row(88, "variables that a parent hook left behind lead nowhere else", async (s) => {
  await taken(s);
  const names = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"];
  for (const name of names) process.env[name] = "/nowhere";
  try {
    await holds(s, { owners, patches: alive });
  } finally {
    for (const name of names) delete process.env[name];
  }
  return { owners, patches: alive };
});

const names = [
  "-dash.txt",
  "new\nline.txt",
  'quo"te.txt',
  "tab\tx.txt",
  "back\\slash.txt",
  "nfc-\u00e9.txt",
  "nfd-e\u0301.txt",
  ":(glob)*.txt",
  " lead and trail ",
  "[x]?.txt",
  "..dots.txt",
  "folder with space/it's \u00fcber \u6587\u4ef6.txt",
];

row(89, "names keep their exact bytes", async (s) => {
  const a = await begin(s);
  for (const name of names) await a.write(name, `${JSON.stringify(name)} says so\n`);
  await a.stop();
  s.commit("Names");
  const at = (name: string): number => names.indexOf(name) + 1;
  const asked = names.filter((name) => !name.includes(":"));
  return {
    owners: Object.fromEntries(asked.map((name) => [name, `A:${at(name)}`])),
    patches: { A: names.map((name) => `${at(name)} ${name} alive E1@Names:1`) },
  };
});

row(89, "a name that is no UTF-8 is told by its bytes", async (s) => {
  const a = await begin(s);
  await a.bash("generate", () => {
    const file = Buffer.concat([Buffer.from(`${s.repo.dir}/caf`), Buffer.from([0xe9])]);
    writeFileSync(file, "new\n");
  });
  await a.stop();
  s.commit("Bytes");
  return { owners: { "a.txt": "old*8" }, patches: { A: ["1 caf\\xe9 alive E1@Bytes:1"] } };
});
