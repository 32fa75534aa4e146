import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Repo } from "../support/repo.ts";
import { beginSession, eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

/** Two steps in two places of one file of the user's, committed one by one on a branch. */
async function topic(s: Scenario): Promise<void> {
  const a = await beginSession(s);
  s.git("checkout", "--quiet", "-b", "topic");
  await a.edit("a.txt", "two\n", "two\nfrom step one\n");
  s.commit("First");
  await a.edit("a.txt", "seven\n", "seven\nfrom step two\n");
  await a.stop();
  s.commit("Second");
}

const whole = eightLines
  .replace("two\n", "two\nfrom step one\n")
  .replace("seven\n", "seven\nfrom step two\n");

/** Another clone, in which others work and the server does what it does. */
class Elsewhere implements Disposable {
  readonly clone: Repo;
  readonly #s: Scenario;

  constructor(s: Scenario) {
    this.#s = s;
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "ot-elsewhere-")));
    s.repo.git("clone", "--quiet", s.repo.dir, dir);
    this.clone = new Repo({ dir });
    s.git("remote", "add", "origin", dir);
    this.git("checkout", "--quiet", "-B", "main", "origin/main");
  }

  git(...args: readonly string[]): void {
    const at = `${Math.floor(this.#s.tick() / 1000)} +0000`;
    this.clone.gitWith({ GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at }, ...args);
  }

  /** What the server has made of main comes here; the branch goes. */
  fetched(): void {
    this.#s.git("fetch", "--quiet", "origin", "main:refs/remotes/origin/main");
    this.#s.git("checkout", "--quiet", "main");
    this.#s.git("merge", "--quiet", "--ff-only", "origin/main");
    this.#s.git("branch", "--quiet", "-D", "topic");
    this.#s.git("reflog", "expire", "--expire=now", "--all");
  }

  [Symbol.dispose](): void {
    this.#s.git("remote", "remove", "origin");
    this.clone.remove(".");
  }
}

row(30, "a local squash merge leaves all lines to their steps", async (s) => {
  await topic(s);
  s.git("checkout", "--quiet", "main");
  s.git("merge", "--quiet", "--squash", "topic");
  s.commit("Squashed");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@Squashed:3", "2 a.txt alive E1@Squashed:9"] },
  };
});

row(31, "a squash on the server is known by content after the fetch", async (s) => {
  await topic(s);
  using elsewhere = new Elsewhere(s);
  elsewhere.clone.write("b.txt", "by somebody else\n");
  elsewhere.git("add", "b.txt");
  elsewhere.git("commit", "--quiet", "--message", "Theirs");
  elsewhere.git("merge", "--quiet", "--squash", "origin/topic");
  elsewhere.git("commit", "--quiet", "--message", "Squashed (#1)");
  elsewhere.fetched();
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old", "b.txt": "human" },
    patches: { A: ["1 a.txt alive E2@Squashed (#1):3", "2 a.txt alive E1@Squashed (#1):9"] },
  };
});

row(31, "a server whose clock stands years ago makes no difference", async (s) => {
  await topic(s);
  using elsewhere = new Elsewhere(s);
  elsewhere.git("merge", "--quiet", "--squash", "origin/topic");
  elsewhere.clone.write("a.txt", `a new header\n${whole}`);
  elsewhere.git("add", "a.txt");
  const longAgo = "1577836800 +0000";
  elsewhere.clone.gitWith(
    { GIT_AUTHOR_DATE: longAgo, GIT_COMMITTER_DATE: longAgo },
    "commit",
    "--quiet",
    "--message",
    "Squashed (#1)",
  );
  elsewhere.fetched();
  const squash = s.repo.git("rev-parse", "HEAD");
  s.user({ "a.txt": eightLines });
  s.commit("Take it back");
  return {
    owners: { "a.txt": "old*8", [`${squash}:a.txt`]: "human old*2 A:1 old*5 A:2 old" },
    patches: {
      A: ["1 a.txt reverted by commit Take it back", "2 a.txt reverted by commit Take it back"],
    },
  };
});

row(32, "of a squash that was edited on the server, the edited lines are human", async (s) => {
  await topic(s);
  using elsewhere = new Elsewhere(s);
  elsewhere.git("merge", "--quiet", "--squash", "origin/topic");
  elsewhere.clone.write("a.txt", `a new header\n${whole.replace("step two", "step zwei")}`);
  elsewhere.git("add", "a.txt");
  elsewhere.git("commit", "--quiet", "--message", "Squashed (#1)");
  elsewhere.fetched();
  return {
    owners: { "a.txt": "human old*2 A:1 old*5 human old" },
    patches: {
      A: ["1 a.txt alive E2@Squashed (#1):4", "2 a.txt transformed by commit Squashed (#1)"],
    },
  };
});

row(33, "commits that a merge queue rebased are anchored as they came", async (s) => {
  await topic(s);
  using elsewhere = new Elsewhere(s);
  elsewhere.clone.write("a.txt", `a header of theirs\n${eightLines}`);
  elsewhere.git("add", "a.txt");
  elsewhere.git("commit", "--quiet", "--message", "Theirs");
  elsewhere.git("cherry-pick", "origin/topic~1", "origin/topic");
  elsewhere.fetched();
  return {
    owners: { "a.txt": "human old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@First:4", "2 a.txt alive E2@Second:10"] },
  };
});

row(34, "a merge commit owns nothing of what it joins", async (s) => {
  await topic(s);
  s.git("checkout", "--quiet", "main");
  s.user({ "a.txt": `on main\n${eightLines}`, "b.txt": "on main\n" });
  s.commit("Other");
  s.git("merge", "--quiet", "--no-edit", "topic");
  return {
    owners: { "a.txt": "human old*2 A:1 old*5 A:2 old", "b.txt": "human" },
    patches: { A: ["1 a.txt alive E1@First:3", "2 a.txt alive E1@Second:9"] },
  };
});

row(35, "a cherry-picked patch is the same step's, and alive on both tips", async (s) => {
  await topic(s);
  s.git("checkout", "--quiet", "-b", "release", "main");
  await holds(s, {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt lost", "2 a.txt lost"] },
  });
  s.git("cherry-pick", "topic");
  return {
    owners: { "a.txt": "old*7 A:2 old", "topic:a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: {
      A: ["1 a.txt lost", "2 a.txt alive E2@Second:8"],
      "A@topic": ["1 a.txt alive E1@First:3", "2 a.txt alive E1@Second:9"],
    },
    onMain: { A: ["1 a.txt lost", "2 a.txt lost"] },
  };
});

row(36, "picked without a commit and edited, the agent's lines stay the agent's", async (s) => {
  const a = await beginSession(s);
  s.git("checkout", "--quiet", "-b", "topic");
  await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  await a.stop();
  s.commit("Agent's");
  s.git("checkout", "--quiet", "main");
  s.git("cherry-pick", "--no-commit", "topic");
  const edited = s.repo.read("a.txt").replace("second = 2", "second = 22");
  s.user({ "a.txt": `by hand\n${edited}` });
  s.commit("Picked and edited");
  return {
    owners: { "a.txt": "human old*2 A:1 human old*6" },
    patches: {
      A: ["1 a.txt transformed [partial] E2@Picked and edited:4 by commit Picked and edited"],
      "A@topic": ["1 a.txt alive E1@Agent's:3-4"],
    },
  };
});

row(37, "a patch that landed twice is one, with two anchors", async (s) => {
  await topic(s);
  s.git("checkout", "--quiet", "main");
  s.git("cherry-pick", "topic~1");
  s.git("commit", "--quiet", "--amend", "--message", "Backport");
  s.git("merge", "--quiet", "--no-edit", "topic");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: {
      A: ["1 a.txt alive E1@First:3 E1@Backport:3", "2 a.txt alive E1@Second:9"],
    },
  };
});
