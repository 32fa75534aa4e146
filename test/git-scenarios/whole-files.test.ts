import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

async function begin(content: string | Buffer = human) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": content });
  const a = await scenario.session("A");
  await a.prompt();
  return { scenario, a };
}

test("row 63: line ends that change leave every line its owner", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nnew line\n");
  await a.stop();
  scenario.commit();
  scenario.user({ "a.txt": scenario.repo.read("a.txt").replaceAll("\n", "\r\n") });
  scenario.commit("Line ends");
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(2), step, ...older(2)]);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E4 reformatted"]);
  expect(scenario.broken).toEqual([]);
});

test("row 64: a newline that comes or goes at the end leaves the last line its owner", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.txt", "first\nlast without newline");
  await a.stop();
  scenario.commit();
  scenario.user({ "b.txt": "first\nlast without newline\n" });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.txt")).toEqual([step, step]);
  expect((await scenario.patches(a))[0]?.state).toBe("alive");
  expect(scenario.broken).toEqual([]);
});

test("row 74: a file made again is the first owner's if it is the same", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.bash("rm a.txt", () => scenario.repo.remove("a.txt"));
  await a.write("a.txt", human);
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(older(4));
  await a.bash("rm a.txt", () => scenario.repo.remove("a.txt"));
  const other = await a.write("a.txt", "something else\nentirely new\n");
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([other, other]);
  expect(scenario.broken).toEqual([]);
});

test("row 75: a deletion is alive while the file is gone", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.bash("git rm a.txt", () => scenario.repo.remove("a.txt"));
  await a.stop();
  await scenario.capture();
  expect(await scenario.fates(a)).toEqual(["1 a.txt pending 0 deletion"]);
  scenario.commit("Gone");
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1 deletion"]);
  scenario.git("revert", "--no-edit", "HEAD");
  expect(await scenario.fates(a)).toEqual(["1 a.txt reverted 1 E1 deletion"]);
  expect(await scenario.owners("a.txt")).toEqual(older(4));
  expect(scenario.broken).toEqual([]);
});

test("row 76: the agent's own file that the user deletes later is reverted", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.write("b.txt", "made by\nthe agent\n");
  await a.edit("a.txt", "two\n", "two\nadded\n");
  await a.stop();
  scenario.commit();
  scenario.user({ "a.txt": null, "b.txt": null });
  scenario.commit("Delete both");
  await scenario.capture();
  expect(await scenario.fates(a)).toEqual(["1 b.txt reverted 0", "2 a.txt lost 0"]);
  expect(scenario.broken).toEqual([]);
});

test("row 77: a binary file is owned as a whole", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.bash("make-icon", () => scenario.repo.write("icon.bin", Buffer.from([1, 0, 2, 0, 3])));
  await a.stop();
  await scenario.capture();
  expect(await scenario.fates(a)).toEqual(["1 icon.bin pending 0 binary"]);
  scenario.commit();
  expect((await scenario.fates(a))[0]).toMatch(/^1 icon\.bin alive \d.*binary$/u);
  await expect(scenario.owners("icon.bin")).rejects.toMatchObject({ code: "limit-exceeded" });
  expect(scenario.broken).toEqual([]);
});

test("rows 78 and 79: bytes beyond ASCII are owned line by line", async () => {
  const latin1 = Buffer.from("caf\u00e9\nna\u00efve\nplain\n", "latin1");
  const { scenario, a } = await begin(latin1);
  await using _ = scenario;
  const step = await a.bash("add a line", () => {
    scenario.repo.write(
      "a.txt",
      Buffer.concat([latin1, Buffer.from("d\u00e9j\u00e0\n", "latin1")]),
    );
  });
  const second = await a.write("b.txt", "\ufeff\u4e16\u754c\n\ud83d\ude80 go\n\u200bzero\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual([...older(3), step]);
  expect(await scenario.owners("b.txt")).toEqual([second, second, second]);
  expect(scenario.broken).toEqual([]);
});

test("row 72: of two equal lines the one that is deleted goes", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("b.txt", "call();\nfirst part\ncall();\nsecond part\n");
  await a.stop();
  scenario.commit();
  scenario.user({ "b.txt": "call();\nfirst part\nsecond part\n" });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("b.txt")).toEqual([step, step, step]);
  expect((await scenario.patches(a))[0]).toMatchObject({ state: "transformed", retention: 0.75 });
  expect(scenario.broken).toEqual([]);
});

test("row 89: paths with spaces, quotes and other scripts keep their exact names", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const name = "folder with space/it's \u00fcber \u6587\u4ef6.txt";
  const step = await a.write(name, "content\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners(name)).toEqual([step]);
  expect((await scenario.patches(a))[0]).toMatchObject({ path: name, state: "alive" });
  expect(scenario.broken).toEqual([]);
});
