import { expect } from "vitest";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const human = "one\ntwo\nthree\nfour\n";
const block = [
  "function computeTotals(items) {",
  "  let total = 0;",
  "  for (const item of items) total += item.price;",
  "  return total;",
  "}",
  "",
].join("\n");
const filler = (word: string): string =>
  Array.from({ length: 20 }, (_, index) => `${word} line number ${index};\n`).join("");

async function begin(s: Scenario, more: Readonly<Record<string, string>> = {}) {
  s.repo.commit("Begin", { "a.txt": human, ...more });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

/** The agent writes a file with a block in it, between two short lines. */
async function withBlock(s: Scenario, more: Readonly<Record<string, string>> = {}) {
  const a = await begin(s, { "other.js": "top();\nbottom();\n", ...more });
  await a.write("src.js", `start();\n${block}end();\n`);
  await a.stop();
  return a;
}

row(66, "blocks of a file that became another one follow into it", async (s) => {
  const a = await begin(s);
  await a.write("old.js", `${block}const unmistakable = firstUniqueValue();\nx();\n`);
  await a.stop();
  s.commit("Take it");
  const tail = "const unmistakable = firstUniqueValue();\n";
  s.user({ "old.js": null, "new.js": `${filler("head")}${block}${filler("tail")}${tail}` });
  s.commit("Move on");
  return {
    owners: { "new.js": "human*20 A:1*5 human*20 A:1" },
    patches: { A: ["1 old.js transformed [moved partial] E3@Move on:21-46 by commit Move on"] },
  };
});

row(66, "lines older than any capture stay that, and boilerplate follows nobody", async (s) => {
  const a = await begin(s, { "old.js": `${block}return null;\n}\n` });
  await a.write("b.txt", "x\n");
  await a.stop();
  s.user({ "old.js": null, "new.js": `${filler("head")}return null;\n}\n${block}` });
  s.commit("Move on");
  return {
    owners: { "new.js": "human*22 old*5" },
    patches: { A: ["1 b.txt alive E1@Move on:1"] },
  };
});

row(67, "a rename that changes the case alone follows, as on any disk", async (s) => {
  const a = await begin(s);
  await a.write("Readme.txt", "by the agent\nand more\n");
  await a.stop();
  s.commit("Take it");
  s.git("mv", "Readme.txt", "README.txt");
  s.commit("Rename");
  // Of a disk that knows no case only this can be told here: git's own record of the rename.
  s.git("config", "core.ignoreCase", "true");
  return {
    owners: { "README.txt": "A:1*2" },
    patches: { A: ["1 Readme.txt alive [moved] E3@Take it:1-2"] },
  };
});

row(68, "a block that moves within its file stays its owner's, re-indented or not", async (s) => {
  const a = await begin(s);
  await a.write("b.js", `${block}${filler("own")}`);
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": `${filler("own")}${block}` });
  s.commit("Down");
  await holds(s, {
    owners: { "b.js": "A:1*25" },
    patches: { A: ["1 b.js alive [moved] E3@Take it:1-25"] },
  });
  s.user({ "b.js": `${block.replaceAll(/^(?=.)/gmu, "    ")}${filler("own")}` });
  s.commit("Up, indented");
  return {
    owners: { "b.js": "A:1*25" },
    patches: {
      A: ["1 b.js alive [reformatted] E4@Take it:1-25"],
    },
  };
});

row(69, "a block that the user moves to another file stays the step's", async (s) => {
  await withBlock(s);
  s.commit("Take it");
  s.user({ "src.js": "start();\nend();\n", "other.js": `top();\n${block}bottom();\n` });
  await holds(s, {
    owners: { "other.js": "old A:1*5 old", "src.js": "A:1*2" },
    patches: { A: ["1 src.js alive E1@Take it:1-7"] },
  });
  const moved = s.commit("Move");
  await s.capture();
  const why = await s.why("other.js", 3);
  expect(why.lineage).toMatchObject([{ how: "moved", owner: { kind: "human" }, commit: moved }]);
  return {
    owners: { "other.js": "old A:1*5 old", "src.js": "A:1*2" },
    patches: { A: ["1 src.js alive [moved] E1@Take it:1-7 E3@Move:2-6"] },
  };
});

row(69, "also where it is moved, and re-indented, before anybody committed it", async (s) => {
  await withBlock(s);
  const indented = block.replaceAll(/^(?=.)/gmu, "  ");
  s.user({ "src.js": "start();\nend();\n", "other.js": `top();\n${indented}bottom();\n` });
  await holds(s, {
    owners: { "other.js": "old A:1*5 old", "src.js": "A:1*2" },
    patches: { A: ["1 src.js pending"] },
  });
  s.commit("Take it moved");
  return {
    owners: { "other.js": "old A:1*5 old", "src.js": "A:1*2" },
    patches: {
      A: ["1 src.js alive [moved reformatted] E2@Take it moved:1-2 E4@Take it moved:2-6"],
    },
  };
});

row(69, "a block of the user's that another commit moves stays the user's", async (s) => {
  const a = await begin(s, { "other.js": "top();\nbottom();\n", "src.js": `start();\n${block}` });
  await a.write("b.txt", "x\n");
  await a.stop();
  s.user({ "src.js": "start();\n", "other.js": `top();\n${block}bottom();\n` });
  s.commit("Move");
  return {
    owners: { "other.js": "old*7", "src.js": "old" },
    patches: { A: ["1 b.txt alive E1@Move:1"] },
  };
});

row(70, "a block that the user copies is the user's, and names where it is from", async (s) => {
  await withBlock(s);
  s.commit("Take it");
  s.user({ "other.js": `top();\n${block}bottom();\n` });
  s.commit("Copy");
  await s.capture();
  expect((await s.why("other.js", 3)).lineage).toMatchObject([
    { how: "copied", owner: { kind: "step", step: 1 } },
  ]);
  return {
    owners: { "other.js": "old human*5 old", "src.js": "A:1*7" },
    patches: { A: ["1 src.js alive E1@Take it:1-7"] },
  };
});

row(70, "a file that was copied leaves its owners where they are", async (s) => {
  await withBlock(s);
  s.commit("Take it");
  s.user({ "copy.js": s.repo.read("src.js") });
  await holds(s, {
    owners: { "copy.js": "?*7", "src.js": "A:1*7" },
    patches: { A: ["1 src.js alive E1@Take it:1-7"] },
  });
  s.commit("Copy");
  return {
    owners: { "copy.js": "human*7", "src.js": "A:1*7" },
    patches: { A: ["1 src.js alive E1@Take it:1-7"] },
  };
});

const code = "export function first() {\n  return null;\n}\n";

row(71, "boilerplate that the user types is the user's", async (s) => {
  const a = await begin(s, { "a.js": code });
  await a.write("a.js", `${code}\nexport function added() {\n  return null;\n}\n`);
  await a.stop();
  s.commit("Take it");
  s.user({ "a.js": `function own() {\n  return null;\n}\n\n${s.repo.read("a.js")}` });
  s.commit("By hand");
  return {
    owners: { "a.js": "human*4 old*3 A:1*4" },
    patches: { A: ["1 a.js alive E1@Take it:5-7"] },
  };
});

row(71, "also where the agent's boilerplate goes in the same commit", async (s) => {
  const a = await begin(s);
  const rest = "one();\ntwo();\nthree();\nfour();\n";
  await a.write("b.js", `function first() {\n  return null;\n}\n${rest}`);
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": `${rest}function own() {\n  return null;\n}\n` });
  s.commit("By hand");
  return {
    owners: { "b.js": "A:1*4 human*3" },
    patches: { A: ["1 b.js transformed [partial] E1@Take it:4-7 by commit By hand"] },
  };
});

row(71, "imports that the user takes from one file into another are the user's", async (s) => {
  const imports = 'import { alpha } from "alpha";\nimport beta from "beta";\nimport "gamma";\n';
  const a = await begin(s, { "other.js": "top();\n" });
  await a.write("src.js", `${imports}start();\n`);
  await a.stop();
  s.commit("Take it");
  s.user({ "src.js": "start();\n", "other.js": `${imports}top();\n` });
  s.commit("Imports");
  return {
    owners: { "other.js": "human*3 old", "src.js": "A:1" },
    patches: { A: ["1 src.js transformed [partial] E1@Take it:4 by commit Imports"] },
  };
});
