import { chmodSync } from "node:fs";
import { expect } from "vitest";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";

const human = "one\ntwo\nthree\nfour\n";

async function begin(s: Scenario, content: string | Buffer = human) {
  s.repo.commit("Begin", { "a.txt": content });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

row(72, "of two equal lines the one that is deleted goes", async (s) => {
  const a = await begin(s);
  await a.write("b.txt", "call();\nfirst part\ncall();\nsecond part\n");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.txt": "call();\nfirst part\nsecond part\n" });
  s.commit("Shorter");
  return {
    owners: { "b.txt": "A:1*3" },
    patches: { A: ["1 b.txt transformed [partial] E1@Take it:1-4 by commit Shorter"] },
  };
});

row(73, "writing what is there already is no patch, and changes no owner", async (s) => {
  const a = await begin(s);
  await a.write("a.txt", human);
  await a.stop();
  s.commit("Nothing new");
  return { owners: { "a.txt": "old*4" }, patches: { A: [] } };
});

row(74, "a file made again is the first owner's if it is the same", async (s) => {
  const a = await begin(s);
  await a.bash("rm a.txt", () => s.repo.remove("a.txt"));
  await a.write("a.txt", human);
  await a.stop();
  s.commit("There again");
  return {
    owners: { "a.txt": "old*4" },
    patches: {
      A: ["1 a.txt reverted [deletion] by A:2", "2 a.txt alive"],
    },
  };
});

row(74, "a file made again with other content is the step's that made it", async (s) => {
  const a = await begin(s);
  await a.bash("rm a.txt", () => s.repo.remove("a.txt"));
  await a.write("a.txt", "something else\nentirely new\n");
  await a.stop();
  s.commit("Other");
  return {
    owners: { "a.txt": "A:2*2" },
    patches: {
      A: ["1 a.txt alive [deletion] E2@Other:0", "2 a.txt alive E1@Other:1-2"],
    },
  };
});

row(75, "a deletion is alive while the file is gone, reverted when it is back", async (s) => {
  const a = await begin(s);
  await a.bash("git rm a.txt", () => s.repo.remove("a.txt"));
  await a.stop();
  await holds(s, { owners: {}, patches: { A: ["1 a.txt pending [deletion]"] } });
  s.commit("Gone");
  await holds(s, {
    owners: { "a.txt": "not-found" },
    patches: { A: ["1 a.txt alive [deletion] E1@Gone:0"] },
  });
  s.git("revert", "--no-edit", "HEAD");
  return {
    owners: { "a.txt": "old*4" },
    patches: { A: ['1 a.txt reverted [deletion] by commit Revert "Gone"'] },
  };
});

row(
  76,
  "the agent's own file that the user deletes is reverted, its part of one lost",
  async (s) => {
    const a = await begin(s);
    await a.write("b.txt", "made by\nthe agent\n");
    await a.edit("a.txt", "two\n", "two\nadded\n");
    await a.stop();
    s.commit("Take it");
    s.user({ "a.txt": null, "b.txt": null });
    s.commit("Delete both");
    return {
      owners: { "b.txt": "not-found" },
      patches: {
        A: ["1 b.txt reverted by commit Delete both", "2 a.txt lost by commit Delete both"],
      },
    };
  },
);

row(77, "a binary file is owned as a whole", async (s) => {
  const a = await begin(s);
  const icon = Buffer.from([1, 0, 2, 0, 3]);
  await a.bash("make-icon", () => s.repo.write("icon.bin", icon));
  await a.stop();
  await holds(s, {
    owners: { "icon.bin": "usage" },
    patches: { A: ["1 icon.bin pending [binary]"] },
  });
  s.commit("Icon");
  await holds(s, {
    owners: { "icon.bin": "usage" },
    patches: { A: ["1 icon.bin alive [binary] E1@Icon:0"] },
  });
  s.repo.write("icon.bin", Buffer.from([1, 0, 2, 0, 4]));
  s.commit("Another icon");
  return {
    owners: { "icon.bin": "usage" },
    patches: { A: ["1 icon.bin lost [binary] by commit Another icon"] },
  };
});

row(78, "bytes that are no UTF-8 are owned line by line, and none is replaced", async (s) => {
  const latin1 = Buffer.from("caf\u00e9\nna\u00efve\nplain\n", "latin1");
  const gbk = Buffer.from([0xc4, 0xe3, 0x0a, 0xba, 0xc3, 0x0a]);
  const sjis = Buffer.from([0x93, 0xfa, 0x0a, 0x96, 0x7b, 0x0a]);
  s.repo.commit("Before", { "gbk.txt": gbk, "sjis.txt": sjis });
  const a = await begin(s, latin1);
  const added = Buffer.from("d\u00e9j\u00e0\n", "latin1");
  await a.bash("add lines", () => {
    s.repo.write("a.txt", Buffer.concat([latin1, added]));
    s.repo.write("gbk.txt", Buffer.concat([gbk, Buffer.from([0xd6, 0xd0, 0x0a])]));
    s.repo.write("sjis.txt", Buffer.concat([Buffer.from([0x8c, 0xea, 0x0a]), sjis]));
  });
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*3 A:1", "gbk.txt": "old*2 A:1", "sjis.txt": "A:1 old*2" },
    patches: {
      A: [
        "1 a.txt alive E1@Take it:4",
        "1 gbk.txt alive E1@Take it:3",
        "1 sjis.txt alive E1@Take it:1",
      ],
    },
  };
});

row(
  78,
  "a text that becomes binary has no lines any more, and is a text again later",
  async (s) => {
    const a = await begin(s);
    await a.write("b.txt", "first\nsecond\n");
    await a.stop();
    s.commit("Text");
    s.repo.write("b.txt", Buffer.from("first\n\u0000\u0001\n"));
    s.commit("Binary");
    await holds(s, {
      owners: { "b.txt": "usage" },
      patches: { A: ["1 b.txt lost by commit Binary"] },
    });
    s.user({ "b.txt": "first\nsecond\n" });
    s.commit("Text again");
    return {
      owners: { "b.txt": "A:1*2" },
      patches: { A: ["1 b.txt alive E1@Text again:1-2"] },
    };
  },
);

row(79, "every script is owned line by line, with and without a byte order mark", async (s) => {
  const a = await begin(s);
  const text = [
    "\ufeff\u4e16\u754c",
    "\ud83d\ude80 go \ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
    "\u200bzero",
    "\u0634\u0643\u0631\u0627 \u202eabc\u202c",
    "e\u0301 and \u00e9",
    "",
  ].join("\n");
  await a.write("b.txt", text);
  await a.edit("b.txt", "e\u0301 and", "e\u0301 or");
  await a.stop();
  s.commit("Take it");
  s.user({ "b.txt": s.repo.read("b.txt").replace("\ufeff", "") });
  s.commit("No mark");
  await s.capture();
  const why = await s.why("b.txt", 2);
  expect(why.owner).toMatchObject({ kind: "step", step: 1 });
  return {
    owners: { "b.txt": "A:1*4 A:2" },
    patches: {
      A: [
        "1 b.txt transformed [partial reformatted] E4@Take it:1-4 by A:2",
        "2 b.txt alive E1@Take it:5",
      ],
    },
  };
});

row(81, "an ignored file is anchored when it is forced in; one ignored later stays", async (s) => {
  s.repo.write(".gitignore", "*.log\n");
  const a = await begin(s);
  await a.write("x.log", "ignored line\n");
  await a.write("later.tmp", "later ignored\n");
  await a.stop();
  await holds(s, {
    owners: { "x.log": "A:1", "later.tmp": "A:2" },
    patches: { A: ["1 x.log pending", "2 later.tmp pending"] },
  });
  s.git("add", "--force", "x.log");
  s.git("commit", "--quiet", "--message", "Forced");
  s.user({ ".gitignore": "*.log\n*.tmp\n" });
  s.commit("Ignored now");
  return {
    owners: { "x.log": "A:1", "later.tmp": "A:2" },
    patches: { A: ["1 x.log alive E1@Forced:1", "2 later.tmp pending"] },
  };
});

row(82, "a link is its target's name; a mode changes no owner", async (s) => {
  const a = await begin(s);
  await a.bash("ln -s a.txt l", () => s.repo.link("l", "a.txt"));
  await a.bash("chmod +x a.txt", () => chmodSync(s.repo.path("a.txt"), 0o755));
  await a.bash("ln -sf /else/where l", () => {
    s.repo.remove("l");
    s.repo.link("l", "/else/where");
  });
  await a.stop();
  await holds(s, {
    owners: { "a.txt": "old*4", l: "A:3" },
    patches: { A: ["1 l lost by A:3", "2 a.txt alive", "3 l pending"] },
  });
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*4", l: "A:3" },
    patches: { A: ["1 l lost by A:3", "2 a.txt alive E1@Take it:0", "3 l alive E1@Take it:1"] },
  };
});
