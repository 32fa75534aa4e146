import { expect } from "vitest";
import { beginSession, eightLines, holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

/** The owners and steps of a line's lineage. */
async function lineage(s: Scenario, line: number) {
  const why = await s.why("a.txt", line);
  return why.lineage.map(({ owner, how }) => [owner.kind, owner.step, how]);
}

row(1, "a file that the agent creates is the step's, blank lines too", async (s) => {
  const a = await beginSession(s);
  await a.write("src/a.ts", "const a = 1;\n\nexport { a };\n");
  await a.stop();
  await holds(s, { owners: { "src/a.ts": "A:1*3" }, patches: { A: ["1 src/a.ts pending"] } });
  s.commit("Take it");
  return {
    owners: { "src/a.ts": "A:1*3", "HEAD:src/a.ts": "A:1*3", "a.txt": "old*8" },
    patches: { A: ["1 src/a.ts alive E1@Take it:1-3"] },
  };
});

row(2, "of a human file only the inserted lines are the step's", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nnew line\n");
  await a.stop();
  s.user({ "a.txt": `by hand\n${s.repo.read("a.txt")}` });
  s.commit("Take it");
  return {
    owners: { "a.txt": "human old*2 A:1 old*6", "HEAD:a.txt": "human old*2 A:1 old*6" },
    patches: { A: ["1 a.txt alive E2@Take it:4"] },
  };
});

row(3, "two steps that edit different hunks own each their own", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nfirst\n");
  await a.edit("a.txt", "seven\n", "seven\nsecond\n");
  await a.stop();
  s.commit("Take both");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@Take both:3", "2 a.txt alive E1@Take both:9"] },
  };
});

row(4, "the second step owns the line it rewrites, its lineage keeps the first", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nlet total = 1;\nlet other = 2;\n");
  await a.edit("a.txt", "let total = 1;", "let total = 10;");
  await a.stop();
  s.commit("Take it");
  await s.capture();
  expect(await lineage(s, 3)).toEqual([["step", 1, "derived"]]);
  return {
    owners: { "a.txt": "old*2 A:2 A:1 old*6" },
    patches: {
      A: ["1 a.txt transformed [partial] E2@Take it:4 by A:2", "2 a.txt alive E1@Take it:3"],
    },
  };
});

row(4, "where a second step replaces all of the first one's lines, that is lost", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nalpha beta gamma\n");
  await a.edit("a.txt", "alpha beta gamma\n", "something quite different\n");
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 A:2 old*6" },
    patches: { A: ["1 a.txt lost by A:2", "2 a.txt alive E1@Take it:3"] },
  };
});

row(5, "a step that undoes the one before leaves nothing, and reverts it", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nnew line\n");
  await a.edit("a.txt", "two\nnew line\n", "two\n");
  await a.stop();
  s.user({ "a.txt": `${s.repo.read("a.txt")}by hand\n` });
  s.commit("Another thing");
  return {
    owners: { "a.txt": "old*8 human" },
    patches: { A: ["1 a.txt reverted by A:2", "2 a.txt alive [deletion]"] },
  };
});

row(6, "a line that the user edits before the commit is the user's", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  await a.stop();
  s.user({ "a.txt": s.repo.read("a.txt").replace("second = 2", "second = 22") });
  s.commit("Take it");
  await s.capture();
  expect(await lineage(s, 4)).toEqual([["step", 1, "derived"]]);
  return {
    owners: { "a.txt": "old*2 A:1 human old*6" },
    patches: { A: ["1 a.txt transformed [partial] E2@Take it:3 by commit Take it"] },
  };
});

row(6, "a line that the editor saw typed is the user's, and who ended the patch", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  const typed = s.repo.read("a.txt").replace("second = 2", "second = 22");
  await s.types("a.txt", typed, [4, 4]);
  await a.bash("ls");
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 A:1 human old*6" },
    patches: { A: ["1 a.txt transformed [partial] E2@Take it:3 by human"] },
  };
});

row(7, "alive at the commit that took it, transformed at the next", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  await a.stop();
  const first = s.commit("Take it");
  s.user({ "a.txt": s.repo.read("a.txt").replace("second = 2", "second = 22") });
  const second = s.commit("Change it");
  await s.capture();
  expect((await s.why("a.txt", 4)).commit?.sha).toBe(second);
  expect((await s.why("a.txt", 3)).commit?.sha).toBe(first);
  return {
    owners: { "a.txt": "old*2 A:1 human old*6", [`${first}:a.txt`]: "old*2 A:1*2 old*6" },
    patches: {
      A: ["1 a.txt transformed [partial] E1@Take it:3 by commit Change it"],
      [`A@${first}`]: ["1 a.txt alive E1@Take it:3-4"],
    },
  };
});

row(8, "one token changed makes the line the user's, derived from the step's", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nreturn sum * rate / 100;\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "a.txt": s.repo.read("a.txt").replace("100", "1000") });
  s.commit("Change it");
  await s.capture();
  expect(await lineage(s, 3)).toEqual([["step", 1, "derived"]]);
  return {
    owners: { "a.txt": "old*2 human old*6" },
    patches: { A: ["1 a.txt transformed by commit Change it"] },
  };
});

row(8, "a token changed before any commit makes no other answer", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nreturn sum * rate / 100;\n");
  await a.stop();
  s.user({ "a.txt": s.repo.read("a.txt").replace("100", "1000") });
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 human old*6" },
    patches: { A: ["1 a.txt transformed by commit Take it"] },
  };
});

row(9, "lines that the user adds inside the agent's block leave it alive", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nblock one\nblock two\n");
  await a.stop();
  const split = s.repo.read("a.txt").replace("block one\n", "block one\nby hand\n");
  s.user({ "a.txt": split });
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 A:1 human A:1 old*6" },
    patches: { A: ["1 a.txt alive E2@Take it:3-5"] },
  };
});

row(10, "an exactly removed addition is reverted", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nblock one\n\nblock two\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "a.txt": eightLines });
  s.commit("Remove it");
  return {
    owners: { "a.txt": "old*8" },
    patches: { A: ["1 a.txt reverted by commit Remove it"] },
  };
});

row(10, "an addition that goes in a larger rewrite is lost", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "two\n", "two\nblock one\n\nblock two\n");
  await a.stop();
  s.commit("Take it");
  const around = "two\nblock one\n\nblock two\nthree\n";
  s.user({ "a.txt": s.repo.read("a.txt").replace(around, "all of it anew\n") });
  s.commit("Rewrite it");
  return {
    owners: { "a.txt": "old human old*5" },
    patches: { A: ["1 a.txt lost by commit Rewrite it"] },
  };
});

row(14, "an undo that the user types by hand is reverted as well", async (s) => {
  const a = await beginSession(s);
  await a.edit("a.txt", "three\n", "tres\n");
  await a.edit("a.txt", "six\n", "");
  await a.stop();
  s.commit("Take it");
  s.user({ "a.txt": eightLines });
  s.commit("Undo it");
  return {
    owners: { "a.txt": "old*8" },
    patches: {
      A: ["1 a.txt reverted by commit Undo it", "2 a.txt reverted [deletion] by commit Undo it"],
    },
  };
});
