import { appendFileSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const owners = { "a.txt": "old*2 A:1*2 old*6" };

async function begin(s: Scenario) {
  s.repo.commit("Begin", { "a.txt": human });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

function transcriptOf(s: Scenario, { nativeId }: ScenarioSession): string {
  return join(s.home.root, "..", ".claude", "projects", "-scenario", `${nativeId}.jsonl`);
}

row(
  90,
  "a line that was cut in the middle is taken once it is whole, and none is lost",
  async (s) => {
    const a = await begin(s);
    await a.edit("a.txt", "two\n", "two\nadded one\n");
    const file = transcriptOf(s, a);
    const whole = readFileSync(file, "utf8");
    // The client died while it wrote the call's result.
    writeFileSync(file, whole.slice(0, -40));
    await s.capture();
    appendFileSync(file, whole.slice(-40));
    await a.edit("a.txt", "seven\n", "seven\nadded later\n");
    await a.stop();
    s.commit("Take it");
    return {
      owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
      patches: { A: ["1 a.txt alive E2@Take it:3", "2 a.txt alive E1@Take it:9"] },
    };
  },
);

row(90, "two objects glued on one line are two, and no later step is lost", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nadded one\n");
  await a.edit("a.txt", "seven\n", "seven\nadded later\n");
  await a.stop();
  const file = transcriptOf(s, a);
  const lines = readFileSync(file, "utf8").split("\n");
  const [first, second, third, ...rest] = lines;
  writeFileSync(file, [first, `${second}${third}`, ...rest].join("\n"));
  s.commit("Take it");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:2 old" },
    patches: { A: ["1 a.txt alive E2@Take it:3", "2 a.txt alive E1@Take it:9"] },
  };
});

row(91, "a transcript that its client deletes is whole in the bucket", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  await s.capture();
  rmSync(transcriptOf(s, a));
  s.commit("Take it");
  return { owners, patches: { A: ["1 a.txt alive E1@Take it:3-4"] } };
});

row(93, "a sub-agent's edits are its own steps, under the parent's prompt", async (s) => {
  const a = await begin(s);
  const agent = "a1b2c3d4e5f60718";
  const call = await a.agent(agent);
  await a.write("sub.txt", "by the sub-agent\n", agent);
  await a.bash("make", () => s.repo.write("made.txt", "made\n"), agent);
  await a.close(call, { status: "completed", agentId: agent, content: [] });
  await a.stop();
  s.commit("Take it");
  return {
    owners: { "sub.txt": `A:${agent}:1`, "made.txt": `A:${agent}:2` },
    patches: {
      A: [`${agent}:2 made.txt alive E1@Take it:1`, `${agent}:1 sub.txt alive E1@Take it:1`],
    },
  };
});

row(
  94,
  "an editor's tool is its step; a code action that nobody saw is never the user's",
  async (s) => {
    const a = await begin(s);
    const call = await a.open("mcp__ide__applyEdit", { file: "a.txt" });
    s.repo.write("a.txt", human.replace("two\n", "two\nadded one\nadded two\n"));
    await a.close(call, "ok");
    await a.stop();
    s.user({ "a.txt": s.repo.read("a.txt").replace("six\n", "six\ncode action\n") });
    await a.prompt();
    await a.bash("ls");
    await a.stop();
    s.commit("Take it");
    return {
      owners: { "a.txt": "old*2 A:1*2 old*4 ? old*2" },
      patches: { A: ["1 a.txt alive E2@Take it:3-4"] },
    };
  },
);

row(95, "sessions in two clones of a repository meet by content", async (s) => {
  s.repo.commit("Begin", { "a.txt": human });
  const other = `${s.repo.dir}-clone`;
  s.repo.git("clone", "--quiet", s.repo.dir, other);
  const clone = realpathSync(other);
  const a = await s.session("A");
  const b = await s.session("B", { cwd: clone });
  await a.prompt();
  await b.prompt();
  await a.edit("a.txt", "two\n", "two\nfrom A\n");
  await b.edit("a.txt", "seven\n", "seven\nfrom B\n");
  await a.stop();
  await b.stop();
  s.commit("Here");
  s.git("-C", clone, "commit", "--quiet", "--all", "--message", "There");
  await holds(s, {
    in: clone,
    owners: { "a.txt": "old*7 B:1 old" },
    patches: { B: ["1 a.txt alive E1@There:8"] },
  });
  s.git("-C", clone, "pull", "--quiet", "--rebase", s.repo.dir, "main");
  await holds(s, {
    in: clone,
    owners: { "a.txt": "old*2 A:1 old*5 B:1 old" },
    patches: { A: ["1 a.txt alive E1@Here:3"], B: ["1 a.txt alive E2@There:9"] },
  });
  s.git("pull", "--quiet", clone, "main");
  rmSync(clone, { recursive: true });
  return {
    owners: { "a.txt": "old*2 A:1 old*5 B:1 old" },
    patches: { A: ["1 a.txt alive E1@Here:3"], B: ["1 a.txt alive E2@There:9"] },
  };
});

row(96, "a restack by other tools leaves owners and patches as they are", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  s.commit("Take it");
  await s.capture();
  const { repo } = s;
  const [tree, parent] = ["HEAD^{tree}", "HEAD~1"].map((rev) => repo.git("rev-parse", rev));
  // No hook, no reflog entry that says so, and a date from long before.
  const at = { GIT_AUTHOR_DATE: "1700000000 +0000", GIT_COMMITTER_DATE: "1700000000 +0000" };
  const below = repo.gitWith(
    at,
    "commit-tree",
    "-p",
    parent ?? "",
    "-m",
    "Below",
    `${parent}^{tree}`,
  );
  const restacked = repo.gitWith(at, "commit-tree", "-p", below, "-m", "Take it anew", tree ?? "");
  repo.git("update-ref", "refs/heads/main", restacked);
  repo.git("reflog", "expire", "--expire=all", "--all");
  repo.git("gc", "--quiet", "--prune=now");
  return { owners, patches: { A: ["1 a.txt alive E1@Take it anew:3-4"] } };
});
