import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { blame } from "../../capture/query/blame.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");

/** A session of which only the transcript tells. */
async function begin(content = human) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": content });
  const a = await scenario.session("A", { hooks: false });
  await a.prompt("Add two lines.");
  return { scenario, a };
}

test("edits that only the transcript recorded are credited where content meets", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nadded one\nadded two\n");
  await scenario.capture();
  const lines = [...older(2), step, step, ...older(6)];
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt pending 0"]);
  const commit = scenario.commit("Two lines");
  expect(await scenario.owners("a.txt")).toEqual(lines);
  expect(await scenario.fates(a)).toEqual(["1 a.txt alive 1 E1"]);
  expect(await scenario.why("a.txt", 3)).toMatchObject({
    owner: { kind: "step", step: 1 },
    prompt: { step: 0, text: "Add two lines." },
    evidence: "transcript",
    commit: { sha: commit, subject: "Two lines" },
    state: "alive",
    step: { kind: "edit", added: 2, deleted: 0, survivingLines: 2, addedLines: 2 },
  });
  expect(scenario.broken).toEqual([]);
});

test("an edit whose content never met a file is credited with nothing", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nnever kept\n");
  scenario.user({ "a.txt": human });
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(older(8));
  expect(await scenario.fates(a)).toEqual(["1 a.txt lost 0"]);
  expect(scenario.broken).toEqual([]);
});

test("what the user commits is the user's, unless a command ran unwatched", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nby the agent\n");
  scenario.user({ "a.txt": `by hand\n${scenario.repo.read("a.txt")}` });
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("a.txt")).toEqual(["human", ...older(2), step, ...older(6)]);
  await a.prompt("Go on.");
  await a.bash("./generate.sh");
  scenario.user({ "a.txt": `from somewhere\n${scenario.repo.read("a.txt")}` });
  scenario.commit();
  await a.bash("git status");
  await scenario.capture();
  expect((await scenario.owners("a.txt"))[0]).toBe("unknown");
  expect(scenario.broken).toEqual([]);
});

test("a repository that was moved since still finds the session where contents meet", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.edit("a.txt", "two\n", "two\nadded one\n");
  scenario.commit();
  await scenario.capture();
  const moved = join(realpathSync(mkdtempSync(join(tmpdir(), "ot-moved-"))), "clone");
  try {
    cpSync(scenario.repo.dir, moved, { recursive: true });
    rmSync(scenario.repo.dir, { recursive: true });
    using context = await scenario.context(moved);
    const { lines } = await blame(quietOp(), context, { path: "a.txt" });
    const steps = lines.map((line) => (line.owner === "step" ? `A:${line.step}` : line.owner));
    expect(steps).toEqual([...older(2), step, ...older(6)]);
  } finally {
    rmSync(moved, { recursive: true, force: true });
  }
});

test("lines that the gate redacted in the bucket are still recognised in the file", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const token = `ghp_${"aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b".padEnd(36, "x")}`;
  const step = await a.write("conf.js", `start();\nconst token = "${token}";\nend();\n`);
  await a.prompt("Next.");
  const next = await a.edit("conf.js", "end();\n", "more();\nend();\n");
  await scenario.capture();
  expect(await scenario.owners("conf.js")).toEqual([step, step, next, step]);
  scenario.commit();
  expect(await scenario.owners("conf.js")).toEqual([step, step, next, step]);
  expect(scenario.broken).toEqual([]);
});
