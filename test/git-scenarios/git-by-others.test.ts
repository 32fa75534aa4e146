import { eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const sideLines = `from\nthe side\n${eightLines}`;

/** Two branches: `main` with the user's file, `side` with two more lines and a file of its own. */
async function begin(s: Scenario): Promise<ScenarioSession> {
  s.repo.commit("Begin", { "a.txt": eightLines });
  s.repo.git("checkout", "--quiet", "-b", "side");
  s.repo.commit("Side", { "a.txt": sideLines, "side.txt": "a side file\n" });
  s.repo.git("checkout", "--quiet", "main");
  const a = await s.session("A");
  await a.prompt();
  return a;
}

row(46, "a branch switch in the session belongs to nobody, there and back", async (s) => {
  const a = await begin(s);
  await a.write("own.txt", "by the agent\n");
  await a.bash("git checkout side", () => void s.git("checkout", "--quiet", "side"));
  await a.bash("git checkout main", () => void s.git("checkout", "--quiet", "main"));
  s.git("checkout", "--quiet", "side");
  await a.prompt("Go on.");
  await a.edit("a.txt", "the side\n", "the side\nnew\n");
  await a.stop();
  await holds(s, {
    owners: { "own.txt": "A:1", "a.txt": "old*2 A:5 old*8", "side.txt": "old" },
    patches: { A: ["1 own.txt pending", "5 a.txt pending"] },
  });
  s.commit("The work");
  return {
    owners: { "own.txt": "A:1", "a.txt": "old*2 A:5 old*8", "side.txt": "old" },
    patches: { A: ["1 own.txt alive E1@The work:1", "5 a.txt alive E1@The work:3"] },
    onMain: { A: ["1 own.txt lost", "5 a.txt lost"] },
  };
});

row(46, "switched with a dirty file, the step keeps its lines and gets no others", async (s) => {
  const a = await begin(s);
  s.git("checkout", "--quiet", "side");
  s.user({ "a.txt": sideLines.replace("four\n", "vier\n") });
  s.commit("Side goes on");
  s.git("checkout", "--quiet", "main");
  await a.edit("a.txt", "seven\n", "seven\nby the agent\n");
  s.git("checkout", "--quiet", "--merge", "side");
  await a.edit("a.txt", "eight\n", "eight\nalso by it\n");
  await a.stop();
  s.commit("The work");
  return {
    owners: { "a.txt": "old*5 human old*3 A:1 old A:2" },
    patches: { A: ["1 a.txt alive E2@The work:10", "2 a.txt alive E1@The work:12"] },
    onMain: { A: ["1 a.txt lost", "2 a.txt lost"] },
  };
});

row(47, "lines that the agent's `git merge` brings in are not its step's", async (s) => {
  const a = await begin(s);
  await a.bash("git merge side", () => void s.git("merge", "--quiet", "side"));
  await a.stop();
  return {
    owners: { "a.txt": "old*10", "side.txt": "old" },
    patches: { A: [] },
  };
});

row(47, "also where the merge joins both sides of one file", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "seven\n", "seven\nby the agent\n");
  s.commit("Agent's");
  await a.bash("git merge side", () => void s.git("merge", "--quiet", "--no-edit", "side"));
  await a.stop();
  return {
    owners: { "a.txt": "old*9 A:1 old" },
    patches: { A: ["1 a.txt alive E1@Agent's:8"] },
  };
});

row(47, "what the user committed meanwhile stays the user's when it is pulled", async (s) => {
  const a = await begin(s);
  s.git("checkout", "--quiet", "side");
  s.user({ "a.txt": `by hand\n${sideLines}` });
  s.commit("By hand");
  s.git("checkout", "--quiet", "main");
  await a.edit("a.txt", "seven\n", "seven\nby the agent\n");
  s.commit("Agent's");
  await a.bash("git pull . side", () => void s.git("pull", "--quiet", "--no-rebase", ".", "side"));
  await a.bash("git checkout side", () => void s.git("checkout", "--quiet", "side"));
  await a.bash("git checkout main", () => void s.git("checkout", "--quiet", "main"));
  await a.stop();
  return {
    owners: { "a.txt": "human old*9 A:1 old", "side:a.txt": "human old*10" },
    patches: { A: ["1 a.txt alive E1@Agent's:8"] },
  };
});

row(47, "the user's commit that the agent rebases stays the user's", async (s) => {
  const a = await begin(s);
  s.git("checkout", "--quiet", "-b", "topic");
  s.user({ "a.txt": eightLines.replace("six\n", "six\nby hand\n") });
  s.commit("By hand");
  await a.edit("a.txt", "seven\n", "seven\nby the agent\n");
  await a.bash("git commit -am Agent", () => void s.commit("Agent's"));
  await a.bash("git rebase side", () => void s.git("rebase", "--quiet", "side"));
  await a.stop();
  return {
    owners: { "a.txt": "old*8 human old A:1 old" },
    patches: { A: ["1 a.txt alive E2@Agent's:11"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(47, "a conflict in the agent's merge makes neither side's lines its own", async (s) => {
  const a = await begin(s);
  s.git("checkout", "--quiet", "side");
  s.user({ "a.txt": sideLines.replace("six\n", "from the side by hand\n") });
  s.commit("By hand");
  s.git("checkout", "--quiet", "main");
  await a.edit("a.txt", "six\n", "six, as the agent wrote it\n");
  s.commit("Agent's");
  await a.bash("git merge side", () => s.gitStops("merge", "--quiet", "side"));
  await holds(s, {
    owners: { "a.txt": "?*2 old*5 ? A:1 ?*3 old*2" },
    patches: { A: ["1 a.txt alive E1@Agent's:6"] },
  });
  await a.write(
    "a.txt",
    sideLines.replace("six\n", "from the side by hand\nsix, as the agent wrote it\n"),
  );
  await a.bash("git commit -am Merged", () => void s.commit("Merged"));
  await a.stop();
  return {
    owners: { "a.txt": "old*7 human A:1 old*2" },
    patches: { A: ["1 a.txt alive [moved] E3@Agent's:6"] },
  };
});

row(48, "commits that the agent makes in its turn anchor each its lines", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nfirst\n");
  await a.bash("git commit -am First", () => void s.commit("First"));
  await a.edit("a.txt", "seven\n", "seven\nsecond\n");
  await a.bash("git commit -am Second", () => void s.commit("Second"));
  const owners = { "a.txt": "old*2 A:1 old*5 A:3 old" };
  const patches = { A: ["1 a.txt alive E1@First:3", "3 a.txt alive E1@Second:9"] };
  await holds(s, { owners, patches });
  await a.edit("a.txt", "eight\n", "eight\nthird\n");
  await a.stop();
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:3 old A:5" },
    patches: { A: [...patches.A, "5 a.txt pending"] },
  };
});

row(48, "what a shell step writes and commits in one go is the step's", async (s) => {
  const a = await begin(s);
  await a.bash("sed -i s/two/TWO/ a.txt && git commit -am Done", () => {
    s.user({ "a.txt": eightLines.replace("two", "TWO") });
    s.commit("Done");
  });
  await a.stop();
  return {
    owners: { "a.txt": "old A:1 old*6" },
    patches: { A: ["1 a.txt alive E1@Done:2"] },
  };
});

row(48, "what a shell step amends to a commit of before is the step's", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nfirst\n");
  await a.bash("git commit -am First", () => void s.commit("First"));
  await a.bash("sed -i '$a more' a.txt && git commit -a --amend", () => {
    s.user({ "a.txt": `${s.repo.read("a.txt")}more\n` });
    s.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--message", "Amended");
  });
  await a.stop();
  return {
    owners: { "a.txt": "old*2 A:1 old*6 A:3" },
    patches: { A: ["1 a.txt alive E2@Amended:3", "3 a.txt alive E1@Amended:10"] },
  };
});

row(48, "of a shell step that amends the user's commit only its own lines are its", async (s) => {
  const a = await begin(s);
  s.user({ "a.txt": `by hand\n${eightLines}` });
  s.commit("By hand");
  await a.bash("sed -i '$a more' a.txt && git commit -a --amend", () => {
    s.user({ "a.txt": `${s.repo.read("a.txt")}more\n` });
    s.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--message", "Amended");
  });
  await a.stop();
  return {
    owners: { "a.txt": "human old*8 A:1" },
    patches: { A: ["1 a.txt alive E1@Amended:10"] },
  };
});

row(48, "several commits and an amend in one shell step are all the step's", async (s) => {
  const a = await begin(s);
  await a.bash("make && git commit && make && git commit && git commit --amend", () => {
    s.user({ "a.txt": eightLines.replace("two\n", "two\nfirst\n") });
    s.commit("One");
    s.user({ "a.txt": s.repo.read("a.txt").replace("seven\n", "seven\nsecond\n") });
    s.commit("Two");
    s.user({ "a.txt": `third\n${s.repo.read("a.txt")}` });
    s.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--message", "Amended");
  });
  await a.stop();
  return {
    owners: { "a.txt": "A:1 old*2 A:1 old*5 A:1 old" },
    patches: { A: ["1 a.txt alive E1@Amended:1-10 E2@One:3"] },
  };
});
