import { expect } from "vitest";
import { beginSession, eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const byAgent = "const rate = readRate(config);\n";
const byUser = "let percent = 20;\n";

/** The agent changes a line on a branch, the user the same one on main. */
async function bothSides(s: Scenario): Promise<ScenarioSession> {
  const a = await beginSession(s);
  s.git("checkout", "--quiet", "-b", "work");
  await a.edit("a.txt", "two\n", byAgent);
  await a.stop();
  s.commit("Agent's");
  s.git("checkout", "--quiet", "main");
  s.user({ "a.txt": eightLines.replace("two\n", byUser) });
  s.commit("User's");
  s.git("checkout", "--quiet", "work");
  await s.capture();
  return a;
}

/** The user resolves the conflict that stopped a rebase. */
function resolved(s: Scenario, lines: string): void {
  s.user({ "a.txt": eightLines.replace("two\n", lines) });
  s.git("add", "a.txt");
  s.git("rebase", "--continue");
}

row(24, "a conflict resolved for ours keeps the upstream line's owner", async (s) => {
  await bothSides(s);
  s.gitStops("rebase", "--quiet", "main");
  s.git("checkout", "--ours", "a.txt");
  s.git("add", "a.txt");
  s.git("rebase", "--skip");
  return {
    owners: { "a.txt": "old human old*6" },
    patches: { A: ["1 a.txt lost"] },
  };
});

row(24, "also where only some lines of the commit are in conflict", async (s) => {
  const a = await beginSession(s);
  s.git("checkout", "--quiet", "-b", "work");
  const both = eightLines.replace("two\n", byAgent).replace("seven\n", "seven\nkept by it\n");
  await a.write("a.txt", both);
  await a.stop();
  s.commit("Agent's");
  s.git("checkout", "--quiet", "main");
  s.user({ "a.txt": eightLines.replace("two\n", byUser) });
  s.commit("User's");
  s.git("checkout", "--quiet", "work");
  s.gitStops("rebase", "--quiet", "main");
  s.user({
    "a.txt": eightLines.replace("two\n", byUser).replace("seven\n", "seven\nkept by it\n"),
  });
  s.git("add", "a.txt");
  s.git("rebase", "--continue");
  return {
    owners: { "a.txt": "old human old*5 A:1 old" },
    patches: { A: ["1 a.txt transformed [partial] E2@Agent's:8 by commit Agent's"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(25, "a conflict resolved for theirs keeps the agent's line the step's", async (s) => {
  await bothSides(s);
  s.gitStops("rebase", "--quiet", "main");
  s.git("checkout", "--theirs", "a.txt");
  s.git("add", "a.txt");
  s.git("rebase", "--continue");
  return {
    owners: { "a.txt": "old A:1 old*6", "main:a.txt": "old human old*6" },
    patches: { A: ["1 a.txt alive E1@Agent's:2"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

for (const order of ["upstream first", "the agent's first"]) {
  row(26, `where both sides are kept, ${order}, each has its owner`, async (s) => {
    await bothSides(s);
    s.gitStops("rebase", "--quiet", "main");
    const isUserFirst = order === "upstream first";
    resolved(s, isUserFirst ? byUser + byAgent : byAgent + byUser);
    return {
      owners: { "a.txt": isUserFirst ? "old human A:1 old*6" : "old A:1 human old*6" },
      patches: { A: [`1 a.txt alive E2@Agent's:${isUserFirst ? 3 : 2}`] },
      onMain: { A: ["1 a.txt lost"] },
    };
  });
}

row(26, "kept both ways in a merge, the merge owns neither", async (s) => {
  await bothSides(s);
  s.git("checkout", "--quiet", "main");
  s.gitStops("merge", "--quiet", "work");
  s.user({ "a.txt": eightLines.replace("two\n", byAgent + byUser) });
  s.commit("Merge");
  return {
    owners: { "a.txt": "old A:1 human old*6" },
    patches: { A: ["1 a.txt alive E1@Agent's:2"] },
  };
});

row(27, "a conflict that the user resolves in words of their own is the user's", async (s) => {
  await bothSides(s);
  s.gitStops("rebase", "--quiet", "main");
  resolved(s, "a third way altogether\n");
  return {
    owners: { "a.txt": "old human old*6" },
    patches: { A: ["1 a.txt lost"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(27, "the user's resolution may descend from the agent's line", async (s) => {
  await bothSides(s);
  s.gitStops("rebase", "--quiet", "main");
  resolved(s, "const rate = readRate(config) + 20;\n");
  await s.capture();
  const { lineage } = await s.why("a.txt", 2);
  expect(lineage.map(({ owner, how }) => [owner.step, how])).toEqual([[1, "derived"]]);
  return {
    owners: { "a.txt": "old human old*6" },
    patches: { A: ["1 a.txt transformed by commit Agent's"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(27, "seen by a snapshot but by nobody typed, a resolution is nobody's", async (s) => {
  const a = await bothSides(s);
  s.gitStops("rebase", "--quiet", "main");
  s.user({ "a.txt": eightLines.replace("two\n", "a third way altogether\n") });
  await a.bash("ls");
  await a.stop();
  s.git("add", "a.txt");
  s.git("rebase", "--continue");
  return {
    owners: { "a.txt": "old ? old*6" },
    patches: { A: ["1 a.txt lost by unknown"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(28, "a conflict that another session resolves is the resolving step's", async (s) => {
  await bothSides(s);
  const b = await s.session("B");
  await b.prompt("Rebase this.");
  await b.bash("git rebase main", () => s.gitStops("rebase", "--quiet", "main"));
  await b.write("a.txt", eightLines.replace("two\n", "a third way altogether\n"));
  await b.bash("git add a.txt && git rebase --continue", () => {
    s.git("add", "a.txt");
    s.git("rebase", "--continue");
  });
  await b.stop();
  return {
    owners: { "a.txt": "old B:2 old*6" },
    patches: { A: ["1 a.txt lost by B:2"], B: ["2 a.txt alive E1@Agent's:2"] },
    onMain: { A: ["1 a.txt lost"], B: ["2 a.txt lost"] },
  };
});

row(28, "a session that keeps both sides is no owner of either", async (s) => {
  await bothSides(s);
  const b = await s.session("B");
  await b.prompt("Rebase this.");
  await b.bash("git rebase main", () => s.gitStops("rebase", "--quiet", "main"));
  await b.write("a.txt", eightLines.replace("two\n", byUser + byAgent));
  await b.bash("git add a.txt && git rebase --continue", () => {
    s.git("add", "a.txt");
    s.git("rebase", "--continue");
  });
  await b.stop();
  return {
    owners: { "a.txt": "old human A:1 old*6" },
    patches: { A: ["1 a.txt alive E2@Agent's:3"] },
    onMain: { A: ["1 a.txt lost"] },
  };
});

row(29, "an aborted rebase leaves everything as it was", async (s) => {
  await bothSides(s);
  const before = {
    owners: { "a.txt": "old A:1 old*6" },
    patches: { A: ["1 a.txt alive E1@Agent's:2"] },
    onMain: { A: ["1 a.txt lost"] },
  };
  await holds(s, before);
  s.gitStops("rebase", "--quiet", "main");
  s.git("rebase", "--abort");
  return before;
});

row(29, "an aborted cherry-pick leaves everything as it was, in a session too", async (s) => {
  const a = await bothSides(s);
  s.git("checkout", "--quiet", "main");
  await a.prompt("Pick it.");
  await a.bash("git cherry-pick work", () => s.gitStops("cherry-pick", "work"));
  await a.bash("git cherry-pick --abort", () => void s.git("cherry-pick", "--abort"));
  await a.stop();
  return {
    owners: { "a.txt": "old human old*6", "work:a.txt": "old A:1 old*6" },
    patches: { A: ["1 a.txt lost"], "A@work": ["1 a.txt alive E1@Agent's:2"] },
  };
});
