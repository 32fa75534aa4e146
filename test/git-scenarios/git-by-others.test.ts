import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** Two branches: `main` with the human file, `side` with two more lines and a file of its own. */
async function begin() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  scenario.repo.git("checkout", "--quiet", "-b", "side");
  scenario.repo.commit("Side", {
    "a.txt": `from\nthe side\n${human}`,
    "side.txt": "a side file\n",
  });
  scenario.repo.git("checkout", "--quiet", "main");
  const a = await scenario.session("A");
  await a.prompt();
  return { scenario, a };
}

test("row 47: lines that the agent's `git merge` brings in are not its step's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.bash("git merge side", () => void scenario.git("merge", "--quiet", "side"));
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(older(10));
  expect(await scenario.owners("side.txt")).toEqual(["unknown"]);
  expect(await scenario.fates(a)).toEqual([]);
  expect(scenario.broken).toEqual([]);
});

test("row 47: also where the merge joins both sides of one file", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "seven\n", "seven\nby the agent\n");
  scenario.commit("The agent's");
  await a.bash("git merge side", () => {
    scenario.git("merge", "--quiet", "--no-edit", "side");
  });
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(9), step, ...older(1)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 46: a branch switch in the session belongs to nobody, there and back", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("own.txt", "by the agent\n");
  await a.bash("git checkout side", () => void scenario.git("checkout", "--quiet", "side"));
  await a.bash("git checkout main", () => void scenario.git("checkout", "--quiet", "main"));
  scenario.git("checkout", "--quiet", "side");
  await a.prompt("Go on.");
  const second = await a.edit("a.txt", "the side\n", "the side\nnew\n");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("own.txt")).toEqual([step]);
  expect(await scenario.owners("a.txt")).toEqual([...older(2), second, ...older(8)]);
  expect((await scenario.patches(a)).map(({ path }) => path)).toEqual(["own.txt", "a.txt"]);
  expect(scenario.broken).toEqual([]);
});

test("row 48: what a shell step writes and commits in one go is the step's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.bash("sed -i s/two/TWO/ a.txt && git commit -am Done", () => {
    scenario.user({ "a.txt": human.replace("two", "TWO") });
    scenario.commit("Done");
  });
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(1), step, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});
