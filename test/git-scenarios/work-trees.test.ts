import { realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { blame } from "../../capture/query/blame.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

test("unsaved text is owned by what it shares with the file", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  await a.edit("a.txt", "two\n", "two\nby the agent\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  const unsaved = { text: `typed just now\nand this\n${scenario.repo.read("a.txt")}` };
  const agent = await scenario.why("a.txt", 5, { unsaved });
  expect(agent.owner).toMatchObject({ kind: "step", step: 1 });
  expect([agent.state, agent.rev]).toEqual(["alive", "worktree"]);
  const typed = await scenario.why("a.txt", 1, { unsaved });
  expect(typed.owner.kind).toBe("unknown");
  expect([typed.commit, typed.state]).toEqual([null, "pending"]);
  expect(typed.note).toContain("outside of every recorded step");
  expect(scenario.broken).toEqual([]);
});

test("a line that the editor saw typed is the user's before any commit", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  await a.edit("a.txt", "two\n", "two\nby the agent\n");
  await a.stop();
  const now = scenario.repo.read("a.txt");
  await scenario.types("a.txt", `${now}typed at the end\n`, [10, 10]);
  await scenario.capture();
  expect((await scenario.owners("a.txt")).at(-1)).toBe("human");
  expect(scenario.broken).toEqual([]);
});

test("row 50: sessions in two work trees do not see each other's changes", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const linked = `${scenario.repo.dir}-linked`;
  scenario.git("worktree", "add", "--quiet", "-b", "side", linked);
  const folder = realpathSync(linked);
  const a = await scenario.session("A");
  const b = await scenario.session("B", { cwd: folder });
  await a.prompt();
  await b.prompt();
  const one = await a.edit("a.txt", "two\n", "two\nin the main tree\n");
  const two = await b.edit("a.txt", "seven\n", "seven\nin the linked tree\n");
  await a.stop();
  await b.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), one, ...older(6)]);
  using context = await scenario.context(folder);
  const { lines } = await blame(quietOp(), context, { path: "a.txt" });
  expect(lines.map((line) => (line.owner === "step" ? `B:${line.step}` : line.owner))).toEqual([
    ...older(7),
    two,
    ...older(1),
  ]);
  scenario.git("worktree", "remove", "--force", linked);
});

test("before the first commit of a repository its files are owned all the same", async () => {
  await using scenario = await Scenario.open();
  const a = await scenario.session("A");
  await a.prompt();
  const step = await a.write("a.txt", "from nothing\n");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([step]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt pending 0"]);
  scenario.commit("The first");
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("questions about what is not there say so", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human, "b.bin": Buffer.from([0, 1, 2, 3]) });
  await scenario.capture();
  using context = await scenario.context();
  const op = quietOp();
  const code = (question: { path: string; rev?: string }): Promise<string> =>
    blame(op, context, question).then(
      () => "answered",
      (error: { code: string }) => error.code,
    );
  expect(await code({ path: "none.txt" })).toBe("not-found");
  expect(await code({ path: "a.txt", rev: "nowhere" })).toBe("not-found");
  expect(await code({ path: "b.bin" })).toBe("limit-exceeded");
  expect(await code({ path: join("a.txt", "below") })).toBe("not-found");
  await expect(scenario.why("a.txt", 9)).rejects.toMatchObject({ code: "not-found" });
});
