import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** The agent changes one line, replaces another and adds two; the user commits it. */
async function committed() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  const step = await a.write("a.txt", human.replace("two\n", "TWO!\nadded one\nadded two\n"));
  await a.stop();
  const commit = scenario.commit("The agent's work");
  await scenario.capture();
  return { scenario, a, step, commit };
}

test("row 11: after `git revert` the user's line is back, and the patch is reverted", async () => {
  const { scenario, a, step } = await committed();
  await using _ = scenario;
  expect(await scenario.owners("a.txt")).toEqual([...older(1), step, step, step, ...older(6)]);
  scenario.git("revert", "--no-edit", "HEAD");
  const revert = scenario.repo.git("rev-parse", "HEAD");
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  expect(await scenario.fates(a)).toEqual(["1 a.txt reverted 0"]);
  expect((await scenario.patches(a))[0]?.by).toEqual({ kind: "commit", id: revert });
  expect(scenario.broken).toEqual([]);
});

test("row 12: the revert of the revert gives the lines back to the step", async () => {
  const { scenario, a, step } = await committed();
  await using _ = scenario;
  scenario.git("revert", "--no-edit", "HEAD");
  scenario.git("revert", "--no-edit", "HEAD");
  expect(await scenario.owners("a.txt")).toEqual([...older(1), step, step, step, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 13: the revert of an older commit after shifts restores the owners", async () => {
  const { scenario, a, step, commit } = await committed();
  await using _ = scenario;
  scenario.user({ "a.txt": `a human header\n${scenario.repo.read("a.txt")}` });
  scenario.commit("Shift");
  scenario.git("revert", "--no-edit", commit);
  expect(await scenario.owners("a.txt")).toEqual(["human", ...older(8)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt reverted 0"]);
  scenario.git("revert", "--no-edit", "HEAD");
  expect(await scenario.owners("a.txt")).toEqual([
    "human",
    ...older(1),
    step,
    step,
    step,
    ...older(6),
  ]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2"]);
  expect(scenario.broken).toEqual([]);
});
