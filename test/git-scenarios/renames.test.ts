import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** The agent adds two lines to a human file; the user commits that. */
async function committed() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human, "b.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  const step = await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await a.stop();
  const commit = scenario.commit("The agent's work");
  await scenario.capture();
  const lines = [...older(2), step, step, ...older(6)];
  return { scenario, a, step, commit, lines };
}

test("row 65: a renamed file keeps its owners, also when it is edited along", async () => {
  const { scenario, a, lines, step } = await committed();
  await using _ = scenario;
  scenario.git("mv", "a.txt", "c.txt");
  scenario.commit("Rename");
  expect(await scenario.owners("c.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E3 moved"]);
  scenario.git("mv", "c.txt", "d.txt");
  scenario.user({ "d.txt": scenario.repo.read("d.txt").replace("added two", "added zwei") });
  scenario.commit("Rename and edit");
  expect(await scenario.owners("d.txt")).toEqual([...older(2), step, "human", ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 1 E3 moved partial"]);
  expect((await scenario.why("d.txt", 3)).state).toBe("transformed");
  expect(scenario.broken).toEqual([]);
});

test("row 65: a rename by the agent's shell makes nobody's line the step's", async () => {
  const { scenario, a, lines } = await committed();
  await using _ = scenario;
  await a.prompt();
  await a.bash("mv a.txt c.txt", () => {
    scenario.repo.write("c.txt", scenario.repo.read("a.txt"));
    scenario.repo.remove("a.txt");
  });
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("c.txt")).toEqual(lines);
  scenario.commit("Take the rename");
  expect(await scenario.owners("c.txt")).toEqual(lines);
  expect((await scenario.why("c.txt", 3)).evidence).toBe("carried");
  expect(scenario.broken).toEqual([]);
});
