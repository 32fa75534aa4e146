import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** A repository with one human file, a session of the agent in it, and its first prompt. */
async function begin(content = human) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": content });
  const a = await scenario.session("A");
  await a.prompt();
  return { scenario, a };
}

test("row 1: a file that the agent creates is the step's, blank lines too", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("src/a.ts", "const a = 1;\n\nexport { a };\n");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("src/a.ts")).toEqual([step, step, step]);
  expect(await scenario.fates(a)).toEqual(["1 src/a.ts pending 0"]);
  scenario.commit();
  expect(await scenario.owners("src/a.ts")).toEqual([step, step, step]);
  expect(await scenario.owners("src/a.ts", "HEAD")).toEqual([step, step, step]);
  expect(await scenario.fates(a)).toEqual(["1 src/a.ts alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 2: of a human file only the inserted lines are the step's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nnew line\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 3: two steps that edit different hunks own each their own", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const first = await a.edit("a.txt", "two\n", "two\nfirst\n");
  const second = await a.edit("a.txt", "seven\n", "seven\nsecond\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([
    ...older(2),
    first,
    ...older(5),
    second,
    ...older(1),
  ]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 4: the second step owns the line it rewrites, its lineage keeps the first", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const first = await a.edit("a.txt", "two\n", "two\nlet total = 1;\nlet other = 2;\n");
  const second = await a.edit("a.txt", "let total = 1;", "let total = 10;");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), second, first, ...older(6)]);
  const why = await scenario.why("a.txt", 3);
  expect(why.lineage.map(({ owner, how }) => [owner.step, how])).toEqual([[1, "derived"]]);
  expect(await scenario.fates(a)).toEqual([
    "1 a.txt transformed 1 E2 partial",
    "2 a.txt alive 1 E1",
  ]);
  expect(scenario.broken).toEqual([]);
});

test("row 4: where a second step replaces all of the first one's lines, that is lost", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nalpha beta gamma\n");
  const second = await a.edit("a.txt", "alpha beta gamma\n", "something quite different\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), second, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0", "2 a.txt alive 1 E1"]);
  expect(scenario.broken).toEqual([]);
});

test("row 5: a step that undoes the one before leaves nothing, and reverts it", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nnew line\n");
  const undo = await a.edit("a.txt", "two\nnew line\n", "two\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  const [first, second] = await scenario.patches(a);
  expect([first?.state, first?.by?.kind, first?.anchors]).toEqual(["reverted", "step", []]);
  expect(first?.by?.id?.endsWith(`:${undo.slice(2)}`)).toBe(true);
  expect(second?.added).toBe(0);
  expect(scenario.broken).toEqual([]);
});

test("row 6: a line that the user edits before the commit is the user's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  await a.stop();
  scenario.user({ "a.txt": scenario.repo.read("a.txt").replace("second = 2", "second = 22") });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, "human", ...older(6)]);
  const why = await scenario.why("a.txt", 4);
  expect(why.lineage.map(({ owner, how }) => [owner.step, how])).toEqual([[1, "derived"]]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 1 E2 partial"]);
  expect(scenario.broken).toEqual([]);
});

test("row 7: alive at the commit that took it, transformed at the next", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nconst first = 1;\nconst second = 2;\n");
  await a.stop();
  const first = scenario.commit("Take it");
  scenario.user({ "a.txt": scenario.repo.read("a.txt").replace("second = 2", "second = 22") });
  const second = scenario.commit("Change it");
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, "human", ...older(6)]);
  expect((await scenario.why("a.txt", 4)).commit?.sha).toBe(second);
  expect((await scenario.why("a.txt", 3)).commit?.sha).toBe(first);
  expect(await scenario.fates(a, first)).toEqual(["1 a.txt alive 1 E1"]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 1 E1 partial"]);
  expect((await scenario.patches(a))[0]?.by).toEqual({ kind: "commit", id: second });
  expect(scenario.broken).toEqual([]);
});

test("row 8: one token changed makes the line the user's, derived from the step's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nreturn sum * rate / 100;\n");
  await a.stop();
  scenario.commit();
  scenario.user({ "a.txt": scenario.repo.read("a.txt").replace("100", "1000") });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), "human", ...older(6)]);
  const why = await scenario.why("a.txt", 3);
  expect(why.lineage.map(({ owner, how }) => [owner.kind, owner.step, how])).toEqual([
    ["step", 1, "derived"],
  ]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt transformed 0"]);
  expect(scenario.broken).toEqual([]);
});

test("row 9: lines that the user adds inside the agent's block leave it alive", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nblock one\nblock two\n");
  await a.stop();
  scenario.user({
    "a.txt": scenario.repo.read("a.txt").replace("block one\n", "block one\nby hand\n"),
  });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, "human", step, ...older(6)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E2"]);
  expect(scenario.broken).toEqual([]);
});

test("row 10: an exactly removed addition is reverted, a rewritten one is lost", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const withBlock = human.replace("two\n", "two\nblock one\nblock two\n");
  const step = await a.write("a.txt", withBlock);
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, step, ...older(6)]);
  scenario.user({ "a.txt": human });
  const removal = scenario.commit("Remove it");
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  expect(await scenario.fates(a)).toEqual(["1 a.txt reverted 0"]);
  expect((await scenario.patches(a))[0]?.by).toEqual({ kind: "commit", id: removal });
  scenario.git("reset", "--quiet", "--hard", "HEAD~1");
  scenario.user({
    "a.txt": withBlock.replace("two\nblock one\nblock two\nthree", "all of it anew"),
  });
  scenario.commit("Rewrite it");
  expect((await scenario.owners("a.txt"))[1]).toBe("human");
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0"]);
  expect(scenario.broken).toEqual([]);
});

test("row 14: an undo that the user types by hand is reverted as well", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "three\n", "tres\n");
  await a.stop();
  scenario.commit();
  scenario.user({ "a.txt": human });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  expect(await scenario.fates(a)).toEqual(["1 a.txt reverted 0"]);
  expect(scenario.broken).toEqual([]);
});
