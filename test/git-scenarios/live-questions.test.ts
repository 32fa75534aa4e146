import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { blame } from "../../capture/query/blame.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const op = quietOp();
const human = "one\ntwo\nthree\nfour\n";

test("one context sees a session grow, and keeps what that does not concern", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  using context = await scenario.context();
  const owners = async (): Promise<unknown[]> =>
    (await blame(op, context, { path: "a.txt" })).lines.map(({ owner, step }) => step ?? owner);
  const a = await scenario.session("A");
  await a.prompt();
  expect(await owners()).toEqual(["unknown", "unknown", "unknown", "unknown"]);
  await a.edit("a.txt", "two\n", "two\nnew\n");
  await scenario.capture();
  context.bucket.markStale();
  expect(await owners()).toEqual(["unknown", "unknown", 1, "unknown", "unknown"]);
  const { serial } = await context.ledger(op, "a.txt");
  await a.write("b.txt", "elsewhere\n");
  await a.bash("ls");
  await scenario.capture();
  context.bucket.markStale();
  expect(await owners()).toEqual(["unknown", "unknown", 1, "unknown", "unknown"]);
  expect((await context.ledger(op, "a.txt")).serial).toBe(serial);
  await a.edit("a.txt", "new\n", "newer\n");
  await scenario.capture();
  context.bucket.markStale();
  expect(await owners()).toEqual(["unknown", "unknown", 4, "unknown", "unknown"]);
  expect((await context.ledger(op, "a.txt")).serial).not.toBe(serial);
});

test("between a hook and its transcript line nobody is credited; then the step is", async () => {
  await using scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  using context = await scenario.context();
  await a.edit("a.txt", "two\n", "two\nnew\n");
  context.bucket.markStale();
  const before = await blame(op, context, { path: "a.txt", lines: [3, 3] });
  expect(before.lines).toMatchObject([{ owner: "unknown", step: null }]);
  await scenario.capture();
  context.bucket.markStale();
  const after = await blame(op, context, { path: "a.txt", lines: [3, 3] });
  expect(after.lines).toMatchObject([{ owner: "step", step: 1 }]);
});

test("a commit, an amend and a reset are seen at once by the same context", async () => {
  await using scenario = await Scenario.open();
  const base = scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt();
  await a.edit("a.txt", "two\n", "two\nnew\n");
  await a.stop();
  await scenario.capture();
  using context = await scenario.context();
  const commitOf = async (): Promise<string | null | undefined> =>
    (await blame(op, context, { path: "a.txt", lines: [3, 3] })).lines[0]?.commit;
  expect(await commitOf()).toBeNull();
  const first = scenario.commit("New");
  expect(await commitOf()).toBe(first);
  scenario.git("commit", "--quiet", "--amend", "--no-verify", "--message", "Newer");
  expect(await commitOf()).toBe(scenario.repo.git("rev-parse", "HEAD"));
  scenario.git("reset", "--quiet", "--soft", base);
  expect(await commitOf()).toBeNull();
});
