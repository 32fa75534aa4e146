import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

/** A repository with one human file, a session of the agent in it, and its first prompt. */
async function begin(s: Scenario, content = human) {
  s.repo.commit("Begin", { "a.txt": content });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

row(1, "a file that the agent creates is the step's, blank lines too", async (s) => {
  const a = await begin(s);
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
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nnew line\n");
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 A:1 old*6" },
    patches: { A: ["1 a.txt alive E1@Take it:3"] },
  };
});

row(3, "two steps that edit different hunks own each their own", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nfirst\n");
  await a.edit("a.txt", "seven\n", "seven\nsecond\n");
  await a.stop();
  s.commit("Take both");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@Take both:3", "2 a.txt alive E1@Take both:9"] },
  };
});
