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

test("row 15: an amended message moves the anchor, and there is still one", async () => {
  const { scenario, a, commit, lines } = await committed();
  await using _ = scenario;
  scenario.git("commit", "--quiet", "--amend", "--no-verify", "--message", "Better words");
  const amended = scenario.repo.git("rev-parse", "HEAD");
  expect(amended).not.toBe(commit);
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect((await scenario.patches(a))[0]?.anchors[0]?.commit).toBe(amended);
  expect(scenario.broken).toEqual([]);
});

test("row 16: an amend that adds a human header leaves the agent's lines alive", async () => {
  const { scenario, a, lines } = await committed();
  await using _ = scenario;
  scenario.user({ "a.txt": `a header by hand\n${scenario.repo.read("a.txt")}` });
  scenario.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--no-edit");
  expect(await scenario.owners("a.txt")).toEqual(["human", ...lines]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2"]);
  expect((await scenario.patches(a))[0]?.anchors[0]).toMatchObject({ start: 4, end: 5 });
  expect(scenario.broken).toEqual([]);
});

test("row 17: an amend that removes one agent line leaves the rest the step's", async () => {
  const { scenario, a, step } = await committed();
  await using _ = scenario;
  scenario.user({ "a.txt": scenario.repo.read("a.txt").replace("added two\n", "") });
  scenario.git("commit", "--quiet", "--all", "--amend", "--no-verify", "--no-edit");
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 1 E2 partial"]);
  expect((await scenario.patches(a))[0]?.retention).toBe(0.5);
  expect(scenario.broken).toEqual([]);
});

test("row 18: a rebase over disjoint files does not double the anchor", async () => {
  const { scenario, a, commit, lines } = await committed();
  await using _ = scenario;
  scenario.git("branch", "work");
  scenario.git("reset", "--quiet", "--hard", "HEAD~1");
  scenario.user({ "b.txt": `upstream\n${human}` });
  scenario.commit("Upstream");
  scenario.git("checkout", "--quiet", "work");
  scenario.git("rebase", "--quiet", "main");
  const rebased = scenario.repo.git("rev-parse", "HEAD");
  expect(rebased).not.toBe(commit);
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect((await scenario.patches(a))[0]?.anchors[0]?.commit).toBe(rebased);
  expect(scenario.broken).toEqual([]);
});

test("row 19: a rebase over a shifted file keeps the lines at their new numbers", async () => {
  const { scenario, a, lines } = await committed();
  await using _ = scenario;
  scenario.git("branch", "work");
  scenario.git("reset", "--quiet", "--hard", "HEAD~1");
  scenario.user({ "a.txt": `upstream line\nanother one\n${human}` });
  scenario.commit("Upstream");
  scenario.git("checkout", "--quiet", "work");
  scenario.git("rebase", "--quiet", "main");
  expect(await scenario.owners("a.txt")).toEqual(["human", "human", ...lines]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2"]);
  expect(scenario.broken).toEqual([]);
});

test("row 20: reordered commits own by content at each of them", async () => {
  const { scenario, a, step } = await committed();
  await using _ = scenario;
  await a.prompt();
  const second = await a.edit("a.txt", "seven\n", "seven\nlater addition\n");
  await a.stop();
  scenario.commit("More of it");
  const [upper, lower] = ["HEAD", "HEAD~1"].map((rev) => scenario.repo.git("rev-parse", rev));
  scenario.git("reset", "--quiet", "--hard", "HEAD~2");
  scenario.git("cherry-pick", upper ?? "");
  const first = scenario.repo.git("rev-parse", "HEAD");
  scenario.git("cherry-pick", lower ?? "");
  await scenario.capture();
  expect(await scenario.owners("a.txt", first)).toEqual([...older(7), second, ...older(1)]);
  expect(await scenario.owners("a.txt")).toEqual([
    ...older(2),
    step,
    step,
    ...older(5),
    second,
    ...older(1),
  ]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "3 a.txt alive 1 E2"]);
  expect(await scenario.fates(a, first)).toEqual(["1 a.txt lost 0", "3 a.txt alive 1 E2"]);
  expect(scenario.broken).toEqual([]);
});

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
