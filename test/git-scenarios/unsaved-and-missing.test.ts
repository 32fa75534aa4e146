import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { blame } from "../../capture/query/blame.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

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
