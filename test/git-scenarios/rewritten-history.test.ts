import { expect } from "vitest";
import { beginSession, eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const worked = eightLines.replace("two\n", "two\nadded one\nadded two\n");

/** The agent adds two lines to a file of the user's, who commits that on a branch of its own. */
async function committed(s: Scenario) {
  const a = await beginSession(s, { "a.txt": eightLines, "b.txt": eightLines });
  s.git("checkout", "--quiet", "-b", "work");
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  s.commit("Work");
  return a;
}

/** Commits something of the user's on main, and goes back to the branch. */
function upstream(s: Scenario, files: Readonly<Record<string, string>>): void {
  s.git("checkout", "--quiet", "main");
  s.user(files);
  s.commit("Upstream");
  s.git("checkout", "--quiet", "work");
}

row(15, "an amended message moves the anchor, and there is still one", async (s) => {
  await committed(s);
  await s.capture();
  const before = s.repo.git("rev-parse", "HEAD");
  s.git("commit", "--quiet", "--amend", "--no-verify", "--message", "Better words");
  expect(s.repo.git("rev-parse", "HEAD")).not.toBe(before);
  return {
    owners: { "a.txt": "old*2 A:1*2 old*6" },
    patches: { A: ["1 a.txt alive E1@Better words:3-4"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(16, "an amend that adds a human header leaves the agent's lines alive", async (s) => {
  await committed(s);
  s.user({ "a.txt": `a header by hand\n${s.repo.read("a.txt")}` });
  s.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--message", "Amended");
  return {
    owners: { "a.txt": "human old*2 A:1*2 old*6" },
    patches: { A: ["1 a.txt alive E2@Amended:4-5"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(17, "an amend that removes one agent line leaves the rest the step's", async (s) => {
  await committed(s);
  s.user({ "a.txt": s.repo.read("a.txt").replace("added two\n", "") });
  s.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--message", "Amended");
  await s.capture();
  const [patch] = await s.patches(s.sessions.get("A") ?? (await s.session("B")));
  expect(patch?.retention).toBe(0.5);
  return {
    owners: { "a.txt": "old*2 A:1 old*6" },
    patches: { A: ["1 a.txt transformed [partial] E2@Amended:3 by commit Amended"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(18, "a rebase over disjoint files does not double the anchor", async (s) => {
  await committed(s);
  await s.capture();
  upstream(s, { "b.txt": `upstream\n${eightLines}` });
  s.git("rebase", "--quiet", "main");
  return {
    owners: { "a.txt": "old*2 A:1*2 old*6", "b.txt": "human old*8" },
    patches: { A: ["1 a.txt alive E1@Work:3-4"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(19, "a rebase over a shifted file keeps the lines at their new numbers", async (s) => {
  await committed(s);
  upstream(s, { "a.txt": `upstream line\nanother one\n${eightLines}` });
  s.git("rebase", "--quiet", "main");
  return {
    owners: { "a.txt": "human*2 old*2 A:1*2 old*6" },
    patches: { A: ["1 a.txt alive E2@Work:5-6"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(20, "reordered commits own by content at each of them", async (s) => {
  const a = await committed(s);
  await a.prompt();
  await a.edit("a.txt", "seven\n", "seven\nlater addition\n");
  await a.stop();
  s.commit("More");
  s.rebase("main", ["pick", "More"], ["pick", "Work"]);
  const first = s.repo.git("rev-parse", "HEAD~1");
  return {
    owners: { "a.txt": "old*2 A:1*2 old*5 A:3 old", [`${first}:a.txt`]: "old*7 A:3 old" },
    patches: {
      A: ["1 a.txt alive E2@Work:3-4", "3 a.txt alive E2@More:8"],
      [`A@${first}`]: ["1 a.txt lost", "3 a.txt alive E2@More:8"],
    },
    onMain: { A: ["1 a.txt lost", "3 a.txt lost"] },
  };
});

row(21, "of two sessions' work in one commit, each line keeps its step", async (s) => {
  const a = await committed(s);
  const b = await s.session("B");
  await b.prompt();
  await b.edit("a.txt", "added two\n", "added two\nby the second session\n");
  await b.stop();
  await a.prompt();
  await a.edit("a.txt", "seven\n", "seven\nlater addition\n");
  await a.stop();
  s.git("commit", "--quiet", "--all", "--no-verify", "--fixup", "HEAD");
  s.gitWith({ GIT_SEQUENCE_EDITOR: "true" }, "rebase", "--quiet", "-i", "--autosquash", "main");
  expect(s.repo.git("rev-list", "--count", "main..HEAD")).toBe("1");
  return {
    owners: { "a.txt": "old*2 A:1*2 B:1 old*5 A:3 old" },
    patches: {
      A: ["1 a.txt alive E2@Work:3-4", "3 a.txt alive E1@Work:11"],
      B: ["1 a.txt alive E2@Work:5"],
    },
    onMain: { A: ["1 a.txt lost", "3 a.txt lost"], B: ["1 a.txt lost"] },
  };
});

row(22, "a commit that is split into three leaves each line with its hunk", async (s) => {
  const a = await beginSession(s);
  const [one, two, three] = ["one\nby it\n", "four\nand it\n", "seven\ntoo\n"];
  const parts = [
    eightLines.replace("one\n", one),
    eightLines.replace("one\n", one).replace("four\n", two),
    eightLines.replace("one\n", one).replace("four\n", two).replace("seven\n", three),
  ];
  await a.write("a.txt", parts[2] ?? "");
  await a.stop();
  s.commit("Whole");
  await s.capture();
  s.git("reset", "--quiet", "--hard", "HEAD~1");
  parts.forEach((content, at) => {
    s.user({ "a.txt": content });
    s.commit(`Part ${at + 1}`);
  });
  return {
    owners: { "a.txt": "old A:1 old*3 A:1 old*3 A:1 old" },
    patches: { A: ["1 a.txt alive E2@Part 1:2 E2@Part 2:6 E1@Part 3:10"] },
  };
});

row(23, "what a dropped commit brought is lost, and back with it", async (s) => {
  const a = await committed(s);
  await a.prompt();
  await a.edit("a.txt", "seven\n", "seven\nlater addition\n");
  await a.stop();
  s.commit("More");
  s.rebase("main", ["drop", "Work"], ["pick", "More"]);
  await holds(s, {
    owners: { "a.txt": "old*7 A:3 old" },
    patches: { A: ["1 a.txt lost", "3 a.txt alive E2@More:8"] },
    onMain: { A: ["1 a.txt lost", "3 a.txt lost"] },
  });
  s.git("reset", "--quiet", "--hard", "ORIG_HEAD");
  expect(s.repo.read("a.txt")).toBe(worked.replace("seven\n", "seven\nlater addition\n"));
  return {
    owners: { "a.txt": "old*2 A:1*2 old*5 A:3 old" },
    patches: { A: ["1 a.txt alive E1@Work:3-4", "3 a.txt alive E1@More:10"] },
    onMain: { A: ["1 a.txt lost", "3 a.txt lost"] },
  };
});
