import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

async function begin(content = human) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": content });
  const a = await scenario.session("A");
  await a.prompt();
  return { scenario, a };
}

test("row 57: what a shell command writes is its step's, by the snapshots around it", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.bash("sed -i s/two/TWO/ a.txt", () => {
    scenario.repo.write("a.txt", human.replace("two", "TWO"));
    scenario.repo.write("gen/code.ts", "export const made = 1;\n");
  });
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(1), step, ...older(6)]);
  expect(await scenario.owners("gen/code.ts")).toEqual([step]);
  scenario.commit();
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1", "1 gen/code.ts alive 1 E1"]);
  expect((await scenario.why("a.txt", 2)).evidence).toBe("observed");
  expect(scenario.broken).toEqual([]);
});

test("row 53: two sessions that take turns in one file own each their own hunks", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const b = await scenario.session("B");
  await b.prompt();
  const first = await a.edit("a.txt", "two\n", "two\nby A\n");
  const second = await b.edit("a.txt", "seven\n", "seven\nby B\n");
  const third = await a.edit("a.txt", "four\n", "four\nby A again\n");
  await a.stop();
  await b.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([
    ...older(2),
    first,
    ...older(2),
    third,
    ...older(3),
    second,
    ...older(1),
  ]);
  scenario.commit();
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(await scenario.fates(b)).toEqual(["1 a.txt alive 1 E2"]);
  expect(scenario.broken).toEqual([]);
});

test("row 53: edits whose windows overlap are told apart by what each tool reported", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const b = await scenario.session("B");
  await b.prompt();
  const path = scenario.repo.path("a.txt");
  const byA = human.replace("two\n", "two\nby A\n");
  const byBoth = byA.replace("seven\n", "seven\nby B\n");
  const one = await a.open("Write", { file_path: path, content: byA });
  const two = await b.open("Write", { file_path: path, content: byBoth });
  scenario.repo.write("a.txt", byA);
  scenario.repo.write("a.txt", byBoth);
  const recorded = (before: string, content: string) => ({
    type: "update",
    filePath: path,
    content,
    originalFile: before,
    structuredPatch: [],
  });
  await a.close(one, recorded(human, byA));
  await b.close(two, recorded(byA, byBoth));
  await a.stop();
  await b.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([
    ...older(2),
    one.name,
    ...older(5),
    two.name,
    ...older(1),
  ]);
  expect((await scenario.why("a.txt", 3)).evidence).toBe("declared");
  expect(scenario.broken).toEqual([]);
});

test("row 54: of two sessions that write the same lines the last one owns them", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const b = await scenario.session("B");
  await b.prompt();
  await a.edit("a.txt", "two\n", "two\nconst total = sum;\n");
  const last = await b.edit("a.txt", "const total = sum;\n", "const total = sum * 2;\n");
  await a.bash("ls");
  await a.stop();
  await b.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), last, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 0 contended"]);
  expect(await scenario.fates(b)).toEqual(["1 a.txt alive 1 E1 contended"]);
  expect(scenario.broken).toEqual([]);
});

test("row 55: between two shells at once nobody is credited, and both are named", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const b = await scenario.session("B");
  await b.prompt();
  const one = await a.open("Bash", { command: "make one" });
  const two = await b.open("Bash", { command: "make two" });
  scenario.repo.write("a.txt", human.replace("two", "made by one of them"));
  const result = { stdout: "", stderr: "", interrupted: false };
  await a.close(one, result);
  await b.close(two, result);
  await a.stop();
  await b.stop();
  await scenario.capture();
  expect((await scenario.owners("a.txt"))[1]).toMatch(/^unknown\((?:A:1,B:1|B:1,A:1)\)$/u);
  scenario.commit();
  expect((await scenario.owners("a.txt"))[1]).toMatch(/^unknown\((?:A:1,B:1|B:1,A:1)\)$/u);
  expect(await scenario.fates(a)).toEqual([]);
  expect(scenario.broken).toEqual([]);
});

test("a path that a tool names beats a shell that runs at the same time", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const path = scenario.repo.path("a.txt");
  const after = human.replace("two\n", "two\nnamed\n");
  const shell = await a.open("Bash", { command: "sleep 1" });
  const edit = await a.open("Write", { file_path: path, content: after });
  scenario.repo.write("a.txt", after);
  scenario.repo.write("b.txt", "from the shell\n");
  await a.close(edit, {
    type: "update",
    filePath: path,
    content: after,
    originalFile: human,
    structuredPatch: [],
  });
  await a.close(shell, { stdout: "", stderr: "", interrupted: false });
  await a.stop();
  await scenario.capture();
  expect((await scenario.owners("a.txt"))[2]).toBe(edit.name);
  expect((await scenario.why("a.txt", 3)).evidence).toBe("declared");
  expect(await scenario.owners("b.txt")).toEqual([shell.name]);
  expect(scenario.broken).toEqual([]);
});

test("a command in the background is a candidate and never an owner", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const server = await a.open("Bash", { command: "npm run dev", run_in_background: true });
  await a.close(server, { stdout: "", stderr: "", interrupted: false, backgroundTaskId: "b1" });
  const edit = await a.edit("a.txt", "two\n", "two\nby the edit\n");
  scenario.user({ "out.txt": "who made this\n" });
  await a.bash("ls");
  await a.stop();
  await scenario.capture();
  expect((await scenario.owners("a.txt"))[2]).toBe(edit);
  expect(await scenario.owners("out.txt")).toEqual([`unknown(${server.name})`]);
  expect(scenario.broken).toEqual([]);
});

test("between windows a change is the user's only if the editor saw it typed", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nby the agent\n");
  const now = scenario.repo.read("a.txt");
  await scenario.types("a.txt", now.replace("four\n", "four\ntyped\n"), [6, 6]);
  scenario.user({ "b.txt": "not seen by the editor\n" });
  await a.bash("ls");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([
    ...older(2),
    step,
    ...older(2),
    "human",
    ...older(4),
  ]);
  expect(await scenario.owners("b.txt")).toEqual(["unknown"]);
  scenario.commit();
  expect(await scenario.owners("b.txt")).toEqual(["unknown"]);
  expect(scenario.broken).toEqual([]);
});

test("row 93: a sub-agent's edits are its own steps, under the parent's prompt", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const call = await a.agent("a1b2c3d4e5f60718");
  const step = await a.write("sub.txt", "by the sub-agent\n", "a1b2c3d4e5f60718");
  const shell = await a.bash(
    "make",
    () => scenario.repo.write("made.txt", "made\n"),
    "a1b2c3d4e5f60718",
  );
  await a.close(call, { status: "completed", agentId: "a1b2c3d4e5f60718", content: [] });
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("sub.txt")).toEqual([step]);
  expect(await scenario.owners("made.txt")).toEqual([shell]);
  const why = await scenario.why("sub.txt", 1);
  expect(why.prompt).toEqual({ step: 0, text: "Please do it." });
  expect(await scenario.fates(a)).toEqual([
    "a1b2c3d4e5f60718:2 made.txt alive 1 E1",
    "a1b2c3d4e5f60718:1 sub.txt alive 1 E1",
  ]);
  expect(scenario.broken).toEqual([]);
});
