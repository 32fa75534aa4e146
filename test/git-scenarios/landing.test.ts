import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** Two steps in two places of one human file, nothing committed yet. */
async function twoSteps() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  const first = await a.edit("a.txt", "two\n", "two\nfrom step one\n");
  const second = await a.edit("a.txt", "seven\n", "seven\nfrom step two\n");
  await a.stop();
  await scenario.capture();
  const lines = [...older(2), first, ...older(5), second, ...older(1)];
  const halfway = human.replace("two\n", "two\nfrom step one\n");
  return { scenario, a, lines, halfway, whole: scenario.repo.read("a.txt") };
}

/** Commits `content` as the file's, whatever the work tree holds, as `git add -p` does. */
function commitPart(scenario: Scenario, content: string): string {
  const whole = scenario.repo.read("a.txt");
  scenario.user({ "a.txt": content });
  scenario.git("add", "a.txt");
  scenario.user({ "a.txt": whole });
  scenario.git("commit", "--quiet", "--no-verify", "--message", "Part");
  return scenario.repo.git("rev-parse", "HEAD");
}

test("rows 21 and 44: one commit of two steps keeps each line's step", async () => {
  const { scenario, a, lines, halfway } = await twoSteps();
  await using _ = scenario;
  commitPart(scenario, halfway);
  scenario.commit("The rest");
  scenario.git("reset", "--quiet", "--soft", "HEAD~2");
  scenario.commit("As one");
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("rows 22 and 38: what lands in parts is pending in between", async () => {
  const { scenario, a, lines, halfway } = await twoSteps();
  await using _ = scenario;
  commitPart(scenario, halfway);
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1", "2 a.txt pending 0"]);
  scenario.commit("The rest");
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 39: a patch of which half is discarded is transformed", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  await a.edit("a.txt", "two\n", "two\nkept line\ndropped line\n");
  await a.stop();
  await scenario.capture();
  commitPart(scenario, human.replace("two\n", "two\nkept line\n"));
  scenario.git("checkout", "--quiet", "--", "a.txt");
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 1 E2 partial"]);
  expect((await scenario.patches(a))[0]?.retention).toBe(0.5);
  expect(scenario.broken).toEqual([]);
});

test("row 40: what the user discards before any commit is lost", async () => {
  const { scenario, a } = await twoSteps();
  await using _ = scenario;
  scenario.git("checkout", "--quiet", "--", "a.txt");
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0", "2 a.txt lost 0"]);
  scenario.user({ "a.txt": human.replace("two\n", "two\nby hand instead\n") });
  scenario.commit();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), "human", ...older(6)]);
  expect(scenario.broken).toEqual([]);
});

test("rows 41 and 43: stashed work is not on the tip; popped, it is again", async () => {
  const { scenario, a, lines } = await twoSteps();
  await using _ = scenario;
  scenario.git("stash", "--quiet");
  expect((await scenario.fates(a)).every((fate) => fate.includes("lost"))).toBe(true);
  scenario.user({ "b.txt": "meanwhile\n" });
  scenario.commit("Other");
  scenario.git("stash", "pop", "--quiet");
  expect(await scenario.owners("a.txt")).toEqual(lines);
  scenario.commit("The work");
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 45: after a hard reset nothing is on the tip", async () => {
  const { scenario, a, lines } = await twoSteps();
  await using _ = scenario;
  const commit = scenario.commit("The work");
  scenario.git("reset", "--quiet", "--hard", "HEAD~1");
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0", "2 a.txt lost 0"]);
  scenario.git("reset", "--quiet", "--hard", commit);
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("rows 30 and 32: a squash merge with edits keeps the agent's other lines", async () => {
  const { scenario, a, whole } = await twoSteps();
  await using _ = scenario;
  scenario.git("checkout", "--quiet", "-b", "topic");
  scenario.commit("On the topic");
  scenario.git("checkout", "--quiet", "main");
  scenario.git("merge", "--quiet", "--squash", "topic");
  scenario.user({ "a.txt": whole.replace("from step two", "from step zwei") });
  scenario.commit("Squashed");
  scenario.git("branch", "--quiet", "-D", "topic");
  const owners = await scenario.owners("a.txt");
  expect([owners[2], owners[8]]).toEqual(["A:1", "human"]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt transformed 0"]);
  expect(scenario.broken).toEqual([]);
});

test("row 35: a cherry-picked patch is alive on both tips", async () => {
  const { scenario, a } = await twoSteps();
  await using _ = scenario;
  const work = scenario.commit("The work");
  scenario.git("checkout", "--quiet", "-b", "release", "HEAD~1");
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0", "2 a.txt lost 0"]);
  scenario.git("cherry-pick", work);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(await scenario.fates(a, "main")).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 34: a merge commit owns nothing of what it joins", async () => {
  const { scenario, a, lines } = await twoSteps();
  await using _ = scenario;
  scenario.git("checkout", "--quiet", "-b", "topic");
  scenario.commit("On the topic");
  scenario.git("checkout", "--quiet", "main");
  scenario.user({ "b.txt": "on main\n" });
  scenario.commit("On main");
  scenario.git("merge", "--quiet", "--no-edit", "topic");
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.owners("b.txt")).toEqual(["human"]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});
