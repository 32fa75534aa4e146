import { expect } from "vitest";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const code = "export function first() {\n  return null;\n}\n";

async function begin(s: Scenario, content = code) {
  s.repo.commit("Begin", { "a.js": content });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

row(57, "what a shell command writes is its step's, by the snapshots around it", async (s) => {
  const a = await begin(s);
  await a.bash("sed -i s/first/second/ a.js && ./generate", () => {
    s.repo.write("a.js", code.replace("first", "second"));
    s.repo.write("gen/code.ts", "export const made = 1;\n");
  });
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.js": "A:1 old*2", "gen/code.ts": "A:1" },
    patches: { A: ["1 a.js alive E1@Take it:1", "1 gen/code.ts alive E1@Take it:1"] },
  };
});

row(57, "what an installation writes is flagged as generated", async (s) => {
  const a = await begin(s);
  await a.bash("npm install", () => {
    s.repo.write("package-lock.json", '{\n  "lockfileVersion": 3\n}\n');
    s.repo.write("vendor/lib/index.js", "module.exports = 1;\n");
    s.repo.write("src/Cargo.lock", "version = 4\n");
  });
  await a.stop();
  s.commit("Install");
  return {
    owners: { "package-lock.json": "A:1*3", "vendor/lib/index.js": "A:1" },
    patches: {
      A: [
        "1 package-lock.json alive [generated] E1@Install:1-3",
        "1 src/Cargo.lock alive [generated] E1@Install:1",
        "1 vendor/lib/index.js alive [generated] E1@Install:1",
      ],
    },
  };
});

row(58, "white space and quotes changed by a formatter leave the lines alive", async (s) => {
  const a = await begin(s);
  await a.write("b.js", "const a = 'one'\nif(a){\n\tcall( a )\n}\n");
  await a.stop();
  s.user({ "b.js": 'const a = "one"\nif (a) {\n  call(a)\n}\n' });
  s.commit("Format");
  return {
    owners: { "b.js": "A:1*4" },
    patches: { A: ["1 b.js alive [reformatted] E4@Format:1-4"] },
  };
});

row(58, "where a formatter changes tokens the patch is transformed", async (s) => {
  const a = await begin(s);
  await a.write("b.js", "const a = one\nconst b = two(a, b)\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": "const a = one;\nconst b = two(a, b)\n" });
  s.commit("Semicolon");
  return {
    owners: { "b.js": "human A:1" },
    patches: { A: ["1 b.js transformed [partial] E1@Take it:2 by commit Semicolon"] },
  };
});

const unformatted = "const a = 'one'\nconst b = two(a)\nconst c = 3;\n";
const formatted = 'const a = "one"\nconst b = two(a);\nconst c = 3;\n';

row(58, "a formatter that the editor saw owns what it made, and no E4 line", async (s) => {
  const a = await begin(s);
  await a.write("b.js", unformatted);
  await a.stop();
  await s.formats("b.js", formatted, [1, 2]);
  const owners = { "b.js": "A:1 formatter A:1" };
  await holds(s, { owners, patches: { A: ["1 b.js pending"] } });
  // The same once a later snapshot has seen it, and once it is committed.
  await a.prompt();
  await a.bash("true");
  await a.stop();
  await holds(s, { owners, patches: { A: ["1 b.js pending"] } });
  s.commit("Take it");
  await s.capture();
  expect((await s.why("b.js", 2)).lineage[0]).toMatchObject({
    owner: { kind: "step", step: 1 },
    how: "derived",
  });
  return {
    owners,
    patches: {
      A: ["1 b.js transformed [partial reformatted] E4@Take it:1-3 by formatter"],
    },
  };
});

row(58, "a line that the user typed and the formatter finished is the user's", async (s) => {
  const a = await begin(s);
  await a.write("b.js", unformatted);
  await a.stop();
  await s.types("b.js", `${unformatted}const d=4\n`, [4, 4]);
  await s.formats("b.js", `${formatted}const d = 4;\n`, [1, 2], [4, 4]);
  await s.types("b.js", `${formatted}const d = 4;\n`, [4, 4]);
  await a.prompt();
  await a.bash("true");
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "b.js": "A:1 formatter A:1 human" },
    patches: {
      A: ["1 b.js transformed [partial reformatted] E4@Take it:1-3 by formatter"],
    },
  };
});

row(59, "a formatter that the agent runs over human code owns nothing of it", async (s) => {
  const a = await begin(s, "function f(){\nreturn 'x'\n}\n");
  s.user({ "h.js": "call(  one,two )\n" });
  s.commit("By hand");
  await a.bash("npx prettier -w .", () => {
    s.repo.write("a.js", 'function f() {\n  return "x"\n}\n');
    s.repo.write("h.js", "call(\n  one,\n  two\n)\n");
  });
  await a.stop();
  await holds(s, {
    owners: { "a.js": "old*3", "h.js": "human*4" },
    patches: { A: ["1 a.js pending", "1 h.js pending"] },
  });
  s.commit("Format");
  return {
    owners: { "a.js": "old*3", "h.js": "human*4" },
    patches: { A: ["1 a.js alive E1@Format:0", "1 h.js alive E1@Format:0"] },
  };
});

const broken = "call(\n  alpha,\n  beta,\n  gamma\n);\nnext();\n";

row(60, "a line that is broken, and lines that are joined, stay the step's", async (s) => {
  const a = await begin(s);
  await a.write("b.js", "call(alpha, beta, gamma);\nnext();\n");
  await a.write("c.js", broken);
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": broken, "c.js": "call(alpha, beta, gamma);\nnext();\n" });
  s.commit("Reflow");
  return {
    owners: { "b.js": "A:1*6", "c.js": "A:2*2" },
    patches: {
      A: ["1 b.js alive [reformatted] E4@Take it:1-2", "2 c.js alive [reformatted] E4@Take it:1-6"],
    },
  };
});

row(
  60,
  "where the reflow brings a comma, the lines stay but the patch is transformed",
  async (s) => {
    const a = await begin(s);
    await a.write("b.js", "call(alpha, beta, gamma);\nnext();\n");
    await a.stop();
    s.commit("Take it");
    s.user({ "b.js": broken.replace("gamma\n", "gamma,\n") });
    s.commit("Reflow");
    return {
      owners: { "b.js": "A:1*6" },
      patches: { A: ["1 b.js transformed [partial] E1@Take it:2 by commit Reflow"] },
    };
  },
);

row(60, "a paragraph that is filled anew stays its author's, a word in it is not", async (s) => {
  const a = await begin(s);
  await a.write("d.md", "one two three four\nfive six seven\neight nine\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "d.md": "one two\nthree four five\nsix seven eight nine\n" });
  s.commit("Fill");
  await holds(s, {
    owners: { "d.md": "A:1*3" },
    patches: { A: ["1 d.md alive [reformatted] E4@Take it:1-3"] },
  });
  s.user({ "d.md": "one two\nthree four five\nsix seven other nine\n" });
  s.commit("Reword");
  return {
    owners: { "d.md": "A:1*2 human" },
    patches: { A: ["1 d.md transformed by commit Reword"] },
  };
});

row(61, "an agent's block that the user wraps and re-indents stays the agent's", async (s) => {
  const a = await begin(s);
  await a.write("b.js", "start();\nwork();\nend();\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": "if (ready) {\n  start();\n  work();\n  end();\n}\n" });
  s.commit("Wrap");
  return {
    owners: { "b.js": "human A:1*3 human" },
    patches: { A: ["1 b.js alive [reformatted] E4@Take it:1-3"] },
  };
});

row(62, "white space, tabs and trailing blanks leave every line its owner", async (s) => {
  const a = await begin(s);
  await a.write("b.js", "\tone(a);\n\ttwo( b );  \n\n\tthree();\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.js": "    one(a);   \n    two(b);\n    \n    three();\n" });
  s.commit("Spaces");
  return {
    owners: { "b.js": "A:1*4" },
    patches: { A: ["1 b.js alive [reformatted] E4@Take it:1-4"] },
  };
});

row(63, "line ends that change leave every line its owner", async (s) => {
  const a = await begin(s, "one\ntwo\nthree\nfour\n");
  await a.edit("a.js", "two\n", "two\nnew line\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "a.js": s.repo.read("a.js").replaceAll("\n", "\r\n") });
  s.commit("Line ends");
  await holds(s, {
    owners: { "a.js": "old*2 A:1 old*2" },
    patches: { A: ["1 a.js alive [reformatted] E4@Take it:3"] },
  });
  s.user({ "a.js": "one\r\ntwo\nnew line\nthree\r\nfour\n" });
  s.commit("Mixed");
  return {
    owners: { "a.js": "old*2 A:1 old*2" },
    patches: { A: ["1 a.js alive E1@Take it:3"] },
  };
});

row(63, "git's own conversion of line ends changes no owner", async (s) => {
  s.repo.write(".gitattributes", "*.js text eol=crlf\n");
  const a = await begin(s, "one\r\ntwo\r\nthree\r\nfour\r\n");
  await a.edit("a.js", "two\r\n", "two\r\nnew line\r\n");
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.js": "old*2 A:1 old*2", "HEAD:a.js": "old*2 A:1 old*2" },
    patches: { A: ["1 a.js alive E1@Take it:3"] },
  };
});

row(64, "a newline that comes or goes at the end leaves the last line its owner", async (s) => {
  const a = await begin(s);
  await a.write("b.txt", "first\nlast without newline");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.txt": "first\nlast without newline\n" });
  s.commit("Newline");
  await holds(s, {
    owners: { "b.txt": "A:1*2" },
    patches: { A: ["1 b.txt alive E1@Take it:1-2"] },
  });
  s.user({ "b.txt": "first\nlast without newline" });
  s.commit("No newline");
  return {
    owners: { "b.txt": "A:1*2" },
    patches: { A: ["1 b.txt alive E1@Take it:1-2"] },
  };
});
