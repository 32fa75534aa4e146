import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holds, row } from "../support/row.ts";
import type { Scenario } from "../support/scenario.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const result = { stdout: "", stderr: "", interrupted: false };

async function begin(s: Scenario) {
  s.repo.commit("Begin", { "a.txt": human });
  const a = await s.session("A");
  await a.prompt();
  return a;
}

async function beginTwo(s: Scenario) {
  const a = await begin(s);
  const b = await s.session("B");
  await b.prompt();
  return { a, b };
}

/** What a Write tool says that it did. */
function written(filePath: string, originalFile: string, content: string) {
  return { type: "update", filePath, content, originalFile, structuredPatch: [] };
}

row(49, "a session that is resumed the next day goes on with steps of its own", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nfrom day one\n");
  await a.stop();
  s.commit("Day one");
  await s.capture();
  for (let minute = 0; minute < 24 * 360; minute += 1) s.tick();
  await a.start();
  await a.prompt();
  await a.edit("a.txt", "seven\n", "seven\nfrom day two\n");
  await a.stop();
  s.commit("Day two");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 A:3 old" },
    patches: { A: ["1 a.txt alive E1@Day one:3", "3 a.txt alive E1@Day two:9"] },
  };
});

row(49, "history that a fork copies is not credited again", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nfrom the first\n");
  await a.stop();
  s.commit("The first's");
  await s.capture();
  const f = await s.session("F");
  copyTranscript(s, a, f);
  f.continueAfter(a);
  await f.prompt("And now this.");
  await f.edit("a.txt", "seven\n", "seven\nfrom the fork\n");
  await f.stop();
  s.commit("The fork's");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 F:3 old" },
    patches: {
      A: ["1 a.txt alive E1@The first's:3"],
      F: ["3 a.txt alive E1@The fork's:9"],
    },
  };
});

/** As the client forks: every line once more, under another id, with the one that it is from. */
function copyTranscript(s: Scenario, from: ScenarioSession, to: ScenarioSession): void {
  const folder = join(s.home.root, "..", ".claude", "projects", "-scenario");
  const lines = readFileSync(join(folder, `${from.nativeId}.jsonl`), "utf8").split("\n");
  const copied = lines.filter(Boolean).map((line) => {
    const { uuid } = JSON.parse(line);
    const forkedFrom = { sessionId: from.nativeId, messageUuid: uuid };
    return `${JSON.stringify({ ...JSON.parse(line), sessionId: to.nativeId, forkedFrom })}\n`;
  });
  writeFileSync(join(folder, `${to.nativeId}.jsonl`), copied.join(""));
}

row(50, "sessions in two work trees do not see each other's changes", async (s) => {
  s.repo.commit("Begin", { "a.txt": human });
  const linked = `${s.repo.dir}-linked`;
  s.git("worktree", "add", "--quiet", "-b", "side", linked);
  const folder = realpathSync(linked);
  const a = await s.session("A");
  const b = await s.session("B", { cwd: folder });
  await a.prompt();
  await b.prompt();
  await a.edit("a.txt", "two\n", "two\nin the main tree\n");
  await b.edit("a.txt", "seven\n", "seven\nin the linked tree\n");
  await a.stop();
  await b.stop();
  await holds(s, {
    in: folder,
    owners: { "a.txt": "old*7 B:1 old" },
    patches: { B: ["1 a.txt pending"] },
    onMain: { B: ["1 a.txt pending"] },
  });
  s.git("-C", folder, "commit", "--quiet", "--all", "--message", "Linked");
  s.commit("Main");
  await holds(s, {
    in: folder,
    owners: { "a.txt": "old*7 B:1 old" },
    patches: { B: ["1 a.txt alive E1@Linked:8"], A: ["1 a.txt lost"] },
    onMain: { B: ["1 a.txt lost"], A: ["1 a.txt alive E1@Main:3"] },
  });
  s.git("merge", "--quiet", "--no-edit", "side");
  s.git("worktree", "remove", "--force", linked);
  return {
    owners: { "a.txt": "old*2 A:1 old*5 B:1 old" },
    patches: { A: ["1 a.txt alive E1@Main:3"], B: ["1 a.txt alive E1@Linked:8"] },
  };
});

row(53, "two sessions that take turns in one file own each their own hunks", async (s) => {
  const { a, b } = await beginTwo(s);
  await a.edit("a.txt", "two\n", "two\nby A\n");
  await b.edit("a.txt", "seven\n", "seven\nby B\n");
  await a.edit("a.txt", "four\n", "four\nby A again\n");
  await a.stop();
  await b.stop();
  s.commit("Both");
  return {
    owners: { "a.txt": "old*2 A:1 old*2 A:2 old*3 B:1 old" },
    patches: {
      A: ["1 a.txt alive E2@Both:3", "2 a.txt alive E1@Both:6"],
      B: ["1 a.txt alive E2@Both:10"],
    },
  };
});

row(53, "edits whose windows overlap are told apart by what each tool reported", async (s) => {
  const { a, b } = await beginTwo(s);
  const path = s.repo.path("a.txt");
  const byA = human.replace("two\n", "two\nby A\n");
  const byBoth = byA.replace("seven\n", "seven\nby B\n");
  const one = await a.open("Write", { file_path: path, content: byA });
  const two = await b.open("Write", { file_path: path, content: byBoth });
  s.repo.write("a.txt", byBoth);
  await a.close(one, written(path, human, byA));
  await b.close(two, written(path, byA, byBoth));
  await a.stop();
  await b.stop();
  s.commit("Both");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 B:1 old" },
    patches: { A: ["1 a.txt alive E1@Both:3"], B: ["1 a.txt alive E1@Both:9"] },
  };
});

row(54, "of two sessions that write the same lines the last one owns them", async (s) => {
  const { a, b } = await beginTwo(s);
  await a.edit("a.txt", "two\n", "two\nconst total = sum;\n");
  await b.edit("a.txt", "const total = sum;\n", "const total = sum * 2;\n");
  await a.bash("ls");
  await a.stop();
  await b.stop();
  s.commit("Both");
  return {
    owners: { "a.txt": "old*2 B:1 old*6" },
    patches: {
      A: ["1 a.txt transformed [contended] by B:1"],
      B: ["1 a.txt alive [contended] E1@Both:3"],
    },
  };
});

row(55, "between two shells at once nobody is credited, and both are named", async (s) => {
  const { a, b } = await beginTwo(s);
  const one = await a.open("Bash", { command: "make one" });
  const two = await b.open("Bash", { command: "make two" });
  s.repo.write("a.txt", human.replace("two", "made by one of them"));
  await a.close(one, result);
  await b.close(two, result);
  await a.stop();
  await b.stop();
  const owners = { "a.txt": "old ?(A:1|B:1) old*6" };
  await holds(s, { owners, patches: { A: [], B: [] } });
  s.commit("Made");
  return { owners, patches: { A: [], B: [] } };
});

row(55, "a path that a tool names beats a shell that runs at the same time", async (s) => {
  const a = await begin(s);
  const path = s.repo.path("a.txt");
  const after = human.replace("two\n", "two\nnamed\n");
  const shell = await a.open("Bash", { command: "sleep 1" });
  const edit = await a.open("Write", { file_path: path, content: after });
  s.repo.write("a.txt", after);
  s.repo.write("b.txt", "from the shell\n");
  await a.close(edit, written(path, human, after));
  await a.close(shell, result);
  await a.stop();
  s.commit("Both");
  return {
    owners: { "a.txt": "old*2 A:2 old*6", "b.txt": "A:1" },
    patches: { A: ["1 b.txt alive E1@Both:1", "2 a.txt alive E1@Both:3"] },
  };
});

row(55, "a command in the background is a candidate and never an owner", async (s) => {
  const a = await begin(s);
  const server = await a.open("Bash", { command: "npm run dev", run_in_background: true });
  await a.close(server, { ...result, backgroundTaskId: "b1" });
  await a.edit("a.txt", "two\n", "two\nby the edit\n");
  s.user({ "out.txt": "who made this\n" });
  await a.bash("ls");
  await a.stop();
  s.commit("All");
  return {
    owners: { "a.txt": "old*2 A:2 old*6", "out.txt": "?(A:1)" },
    patches: { A: ["2 a.txt alive E1@All:3"] },
  };
});

row(
  56,
  "what is typed while a tool call runs is the user's, and no part of its patch",
  async (s) => {
    const a = await begin(s);
    const path = s.repo.path("a.txt");
    const after = human.replace("two\n", "two\nby the tool\n");
    const call = await a.open("Write", { file_path: path, content: after });
    s.repo.write("a.txt", after);
    await s.types("a.txt", after.replace("seven\n", "seven\ntyped\n"), [9, 9]);
    await a.close(call, written(path, human, after));
    await a.stop();
    s.commit("Both");
    await holds(s, {
      owners: { "a.txt": "old*2 A:1 old*5 human old" },
      patches: { A: ["1 a.txt alive E1@Both:3"] },
    });
    s.user({ "a.txt": after });
    s.commit("Without what was typed");
    return {
      owners: { "a.txt": "old*2 A:1 old*6" },
      patches: { A: ["1 a.txt alive E1@Both:3"] },
    };
  },
);

row(56, "what nobody saw typed meanwhile is unknown, and the call is named", async (s) => {
  const a = await begin(s);
  const path = s.repo.path("a.txt");
  const after = human.replace("two\n", "two\nby the tool\n");
  const call = await a.open("Write", { file_path: path, content: after });
  s.repo.write("a.txt", after.replace("seven\n", "seven\nfrom somewhere\n"));
  await a.close(call, written(path, human, after));
  await a.stop();
  s.commit("Both");
  return {
    owners: { "a.txt": "old*2 A:1 old*5 ?(A:1) old" },
    patches: { A: ["1 a.txt alive E1@Both:3"] },
  };
});

row(56, "between windows a change is the user's only if the editor saw it typed", async (s) => {
  const a = await begin(s);
  await a.edit("a.txt", "two\n", "two\nby the agent\n");
  const now = s.repo.read("a.txt");
  await s.types("a.txt", now.replace("four\n", "four\ntyped\n"), [6, 6]);
  s.user({ "b.txt": "not seen by the editor\n" });
  await a.bash("ls");
  await a.stop();
  const owners = { "a.txt": "old*2 A:1 old*2 human old*4", "b.txt": "?" };
  await holds(s, { owners, patches: { A: ["1 a.txt pending"] } });
  s.commit("Both");
  return { owners, patches: { A: ["1 a.txt alive E2@Both:3"] } };
});
