import { beginSession, eightLines, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const changed = eightLines.replace("two\n", "TWO!\nadded one\nadded two\n");

/** The agent replaces a line by three; the user commits it. */
async function committed(s: Scenario): Promise<string> {
  const a = await beginSession(s);
  await a.write("a.txt", changed);
  await a.stop();
  return s.commit("Work");
}

row(11, "after `git revert` the user's line is back, and the patch is reverted", async (s) => {
  const work = await committed(s);
  s.git("revert", "--no-edit", "HEAD");
  return {
    owners: { "a.txt": "old*8", [`${work}:a.txt`]: "old A:1*3 old*6" },
    patches: {
      A: ['1 a.txt reverted by commit Revert "Work"'],
      [`A@${work}`]: ["1 a.txt alive E1@Work:2-4"],
    },
  };
});

row(12, "the revert of the revert gives the lines back to the step", async (s) => {
  await committed(s);
  s.git("revert", "--no-edit", "HEAD");
  s.git("revert", "--no-edit", "HEAD");
  s.git("commit", "--quiet", "--amend", "--message", "Again");
  return {
    owners: { "a.txt": "old A:1*3 old*6" },
    patches: { A: ["1 a.txt alive E1@Again:2-4"] },
  };
});

row(13, "the revert of an older commit after shifts takes just its lines", async (s) => {
  const work = await committed(s);
  s.user({ "a.txt": `a human header\n${s.repo.read("a.txt")}` });
  s.commit("Shift");
  s.git("revert", "--no-edit", work);
  return {
    owners: { "a.txt": "human old*8" },
    patches: { A: ['1 a.txt reverted by commit Revert "Work"'] },
  };
});

row(13, "and restored after shifts, the lines are their owners' again", async (s) => {
  const work = await committed(s);
  s.user({ "a.txt": `a human header\n${s.repo.read("a.txt")}` });
  s.commit("Shift");
  s.git("revert", "--no-edit", work);
  s.user({ "a.txt": `${s.repo.read("a.txt")}a human footer\n` });
  s.commit("Shift more");
  s.git("revert", "--no-edit", "HEAD~1");
  s.git("commit", "--quiet", "--amend", "--message", "Again");
  return {
    owners: { "a.txt": "human old A:1*3 old*6 human" },
    patches: { A: ["1 a.txt alive E2@Again:3-5"] },
  };
});
