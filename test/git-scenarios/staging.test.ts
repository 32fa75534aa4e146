import { beginSession, eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const half = eightLines.replace("two\n", "two\nfrom step one\n");
const whole = half.replace("seven\n", "seven\nfrom step two\n");

/** Two steps in two places of one file of the user's, nothing committed yet. */
async function twoSteps(s: Scenario): Promise<ScenarioSession> {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nfrom step one\n");
  await a.edit("a.txt", "seven\n", "seven\nfrom step two\n");
  await a.stop();
  await s.capture();
  return a;
}

/** Commits `content` as the file's, whatever the work tree holds, as `git add -p` does. */
function commitPart(s: Scenario, content: string, message: string): void {
  const now = s.repo.read("a.txt");
  s.user({ "a.txt": content });
  s.git("add", "a.txt");
  s.user({ "a.txt": now });
  s.git("commit", "--quiet", "--no-verify", "--message", message);
}

row(38, "what lands in two parts has two anchors, and is pending in between", async (s) => {
  const a = await beginSession(s);
  await a.write("a.txt", whole);
  await a.stop();
  commitPart(s, half, "First half");
  const owners = { "a.txt": "old*2 A:1 old*5 A:1 old" };
  await holds(s, { owners, patches: { A: ["1 a.txt pending [partial] E2@First half:3"] } });
  s.commit("The rest");
  return { owners, patches: { A: ["1 a.txt alive E2@First half:3 E1@The rest:9"] } };
});

row(39, "of a patch of which half is discarded the committed half is the step's", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nkept line\ndropped line\n");
  await a.stop();
  commitPart(s, eightLines.replace("two\n", "two\nkept line\n"), "Half");
  s.git("checkout", "--quiet", "--", "a.txt");
  return {
    owners: { "a.txt": "old*2 A:1 old*5".replace("old*5", "old*6") },
    patches: { A: ["1 a.txt transformed [partial] E2@Half:3 by commit Half"] },
  };
});

row(40, "what the user discards before any commit is lost", async (s) => {
  await twoSteps(s);
  s.git("checkout", "--quiet", "--", "a.txt");
  await holds(s, {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt lost", "2 a.txt lost"] },
  });
  s.user({ "a.txt": eightLines.replace("two\n", "two\nby hand instead\n") });
  s.commit("By hand");
  return {
    owners: { "a.txt": "old*2 human old*6" },
    patches: { A: ["1 a.txt lost", "2 a.txt lost"] },
  };
});

row(40, "a file that the agent made and `git clean` took away is lost", async (s) => {
  const a = await beginSession(s);
  await a.write("made.txt", "by the agent\nwhole\n");
  await a.stop();
  await s.capture();
  s.git("clean", "--quiet", "--force", "-d");
  await holds(s, { owners: { "a.txt": "old*8" }, patches: { A: ["1 made.txt lost"] } });
  s.user({ "made.txt": "by hand\n" });
  s.commit("By hand");
  return {
    owners: { "a.txt": "old*8", "made.txt": "human" },
    patches: { A: ["1 made.txt lost"] },
  };
});

row(40, "one step restored and the other committed, each is told by itself", async (s) => {
  await twoSteps(s);
  s.git("add", "a.txt");
  s.git("restore", "--staged", "--worktree", "a.txt");
  s.user({ "a.txt": half });
  s.commit("Half");
  return {
    owners: { "a.txt": "old*2 A:1 old*6" },
    patches: { A: ["1 a.txt alive E1@Half:3", "2 a.txt lost"] },
  };
});

row(41, "stashed work is pending, and alive once it is popped and committed", async (s) => {
  await twoSteps(s);
  s.git("stash", "--quiet");
  await holds(s, {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt pending", "2 a.txt pending"] },
  });
  s.user({ "b.txt": "meanwhile\n" });
  s.commit("Other");
  s.git("stash", "pop", "--quiet");
  await holds(s, {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old", "b.txt": "human" },
    patches: { A: ["1 a.txt pending", "2 a.txt pending"] },
  });
  s.commit("The work");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@The work:3", "2 a.txt alive E1@The work:9"] },
  };
});

row(41, "a new file is pending too while it lies in a stash below another", async (s) => {
  const a = await twoSteps(s);
  await a.prompt();
  await a.write("made.txt", "by the agent\nwhole\n");
  await a.stop();
  await s.capture();
  s.git("stash", "--quiet", "--include-untracked");
  s.user({ "b.txt": "meanwhile\n" });
  s.git("stash", "--quiet", "--include-untracked");
  await holds(s, {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt pending", "2 a.txt pending", "4 made.txt pending"] },
  });
  s.git("stash", "pop", "--quiet", "stash@{1}");
  s.commit("The work");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old", "made.txt": "A:4*2" },
    patches: {
      A: [
        "1 a.txt alive E2@The work:3",
        "2 a.txt alive E1@The work:9",
        "4 made.txt alive E1@The work:1-2",
      ],
    },
  };
});

row(42, "popped on another branch with a shifted base, lines are the step's", async (s) => {
  await twoSteps(s);
  s.git("stash", "--quiet");
  s.git("checkout", "--quiet", "-b", "other");
  s.user({ "a.txt": `a header\nand more\n${eightLines}` });
  s.commit("Header");
  s.git("stash", "pop", "--quiet");
  s.commit("The work");
  return {
    owners: { "a.txt": "human*2 old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@The work:5", "2 a.txt alive E2@The work:11"] },
    onMain: { A: ["1 a.txt lost", "2 a.txt lost"] },
  };
});

row(42, "where the pop meets a conflict, lines go by what is kept", async (s) => {
  await twoSteps(s);
  s.git("stash", "--quiet");
  s.user({ "a.txt": eightLines.replace("two\n", "two\nin its place\n") });
  s.commit("In its place");
  s.gitStops("stash", "pop", "--quiet");
  s.user({
    "a.txt": eightLines
      .replace("two\n", "two\nin its place\n")
      .replace("seven\n", "seven\nfrom step two\n"),
  });
  s.git("add", "a.txt");
  s.git("stash", "drop", "--quiet");
  s.commit("What is kept");
  return {
    owners: { "a.txt": "old*2 human old*5 A:2 old" },
    patches: { A: ["1 a.txt lost", "2 a.txt alive E2@What is kept:9"] },
  };
});

row(43, "work whose stash was dropped is lost", async (s) => {
  await twoSteps(s);
  s.git("stash", "--quiet");
  s.git("stash", "drop", "--quiet");
  return {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt lost", "2 a.txt lost"] },
  };
});

for (const how of ["--soft", "--mixed"]) {
  row(44, `commits taken back with ${how} and made as one keep each line's step`, async (s) => {
    await twoSteps(s);
    commitPart(s, half, "Half");
    s.commit("The rest");
    await s.capture();
    s.git("reset", "--quiet", how, "HEAD~2");
    s.commit("As one");
    return {
      owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
      patches: { A: ["1 a.txt alive E2@As one:3", "2 a.txt alive E1@As one:9"] },
    };
  });
}

row(45, "after a hard reset nothing is on the tip, until the commit is back", async (s) => {
  await twoSteps(s);
  const work = s.commit("The work");
  s.git("reset", "--quiet", "--hard", "HEAD~1");
  await holds(s, {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt lost", "2 a.txt lost"] },
  });
  s.git("reset", "--quiet", "--hard", work);
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@The work:3", "2 a.txt alive E1@The work:9"] },
  };
});
