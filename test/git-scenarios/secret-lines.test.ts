import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { blameCommit } from "../../capture/query/blame-commit.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

/** Never the same twice, and of no use to anyone. */
function token(): string {
  return `ghp_${randomBytes(27).toString("base64url").replaceAll(/[-_]/gu, "x")}`;
}

async function begin(options: { readonly hooks?: boolean } = {}) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "h.txt": "one\n" });
  const a = await scenario.session("A", options);
  await a.prompt();
  return { scenario, a };
}

test("a line with a secret that snapshots saw is the step's, committed or not", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("c.py", `k = "${token()}"\nother = 1\n`);
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("c.py")).toEqual([step, step]);
  expect(await scenario.why("c.py", 1)).toMatchObject({ evidence: "observed" });
  const sha = scenario.commit();
  expect(await scenario.owners("c.py")).toEqual([step, step]);
  expect(await scenario.why("c.py", 1)).toMatchObject({ evidence: "observed" });
  using context = await scenario.context();
  const { commits } = await blameCommit(quietOp(), context, { rev: sha });
  expect(commits[0]?.coverage).toMatchObject({ added: 2, byStep: 2 });
  expect(scenario.broken).toEqual([]);
});

test("a line with a secret that an edit brought beside others is that edit's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("c.py", "a = 0\nother = 1\n");
  const next = await a.edit("c.py", "other = 1\n", `k = "${token()}"\nother = 1\n`);
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("c.py")).toEqual([step, next, step]);
  expect(scenario.broken).toEqual([]);
});

test("a secret that an edit put in the middle of a line leaves the line that edit's", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("c.py", 'k = ""\nother = 1\n');
  const next = await a.edit("c.py", '""', `"${token()}"`);
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("c.py")).toEqual([next, step]);
  expect(scenario.broken).toEqual([]);
});

test("a line with a secret of which only the transcript tells is the step's too", async () => {
  const { scenario, a } = await begin({ hooks: false });
  await using _ = scenario;
  const step = await a.write("c.py", `k = "${token()}"\nother = 1\n`);
  await scenario.capture();
  expect(await scenario.owners("c.py")).toEqual([step, step]);
  scenario.commit();
  expect(await scenario.owners("c.py")).toEqual([step, step]);
  expect(scenario.broken).toEqual([]);
});

test("asking about a branch that has no commit yet says so", async () => {
  const scenario = await Scenario.open();
  await using _ = scenario;
  using context = await scenario.context();
  for (const rev of ["HEAD", "..HEAD", "..", "main..HEAD"]) {
    await expect(blameCommit(quietOp(), context, { rev })).rejects.toMatchObject({
      code: "not-found",
    });
  }
});
