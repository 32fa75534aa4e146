import { mkdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const tenLines = Array.from({ length: 10 }, (_, index) => `line number ${index} of the agent\n`);
const ten = tenLines.join("");
const all = (owner: string, count = 10): string[] => Array.from({ length: count }, () => owner);

async function begin() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "h.txt": ten.replaceAll("the agent", "a person") });
  const a = await scenario.session("A");
  await a.prompt();
  const step = await a.write("a.txt", ten);
  await a.stop();
  scenario.commit();
  return { scenario, a, step };
}

test("row 65: a rename that is staged but not committed keeps every owner", async () => {
  const { scenario, step } = await begin();
  await using _ = scenario;
  scenario.repo.git("mv", "a.txt", "b.txt");
  await scenario.capture();
  expect(await scenario.owners("b.txt")).toEqual(all(step));
  expect(await scenario.why("b.txt", 4)).toMatchObject({ evidence: "carried" });
  expect(scenario.broken).toEqual([]);
});

test("row 65: so does a file that was moved without git, and edited since", async () => {
  const { scenario, step } = await begin();
  await using _ = scenario;
  mkdirSync(scenario.repo.path("d"));
  renameSync(scenario.repo.path("a.txt"), scenario.repo.path("d/b.txt"));
  await scenario.capture();
  expect(await scenario.owners("d/b.txt")).toEqual(all(step));
  scenario.user({ "d/b.txt": `${ten}one more\n` });
  expect(await scenario.owners("d/b.txt")).toEqual([...all(step), "unknown"]);
  expect(await scenario.why("d/b.txt", 1)).toMatchObject({ evidence: "carried" });
  expect(scenario.broken).toEqual([]);
});

test("row 70: a file that was copied leaves its owners where they are", async () => {
  const { scenario, step } = await begin();
  await using _ = scenario;
  scenario.user({ "b.txt": ten });
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(all(step));
  expect(await scenario.owners("b.txt")).toEqual(all("unknown"));
  expect(scenario.broken).toEqual([]);
});

test("row 65: `git mv` by the agent leaves a person's lines to the person", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  scenario.user({ "u.txt": ten.replaceAll("the agent", "the user") });
  scenario.commit("By hand");
  await a.prompt("Rename it.");
  await a.bash("git mv u.txt v.txt", () => void scenario.repo.git("mv", "u.txt", "v.txt"));
  await a.bash("git mv h.txt i.txt", () => void scenario.repo.git("mv", "h.txt", "i.txt"));
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("v.txt")).toEqual(all("human"));
  expect(await scenario.owners("i.txt")).toEqual(all("unknown"));
  expect(await scenario.why("i.txt", 1)).toMatchObject({ evidence: "before-capture" });
  scenario.commit("Renamed");
  expect(await scenario.owners("v.txt")).toEqual(all("human"));
  expect(scenario.broken).toEqual([]);
});

test("row 65: the user's rename while the session runs keeps the step", async () => {
  const { scenario, a, step } = await begin();
  await using _ = scenario;
  scenario.repo.git("mv", "a.txt", "b.txt");
  await a.prompt("Go on.");
  const next = await a.edit("b.txt", "line number 3", "row number 3");
  await a.stop();
  await scenario.capture();
  const lines = all(step);
  lines[3] = next;
  expect(await scenario.owners("b.txt")).toEqual(lines);
  expect(scenario.broken).toEqual([]);
});
