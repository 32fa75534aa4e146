import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { findUnit } from "../../capture/bucket/units.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { parseAddress } from "../../capture/query/address.ts";
import { blameCommit } from "../../capture/query/blame-commit.ts";
import { sessionFacts } from "../../capture/query/session-facts.ts";
import { stepDiff } from "../../capture/query/step-diff.ts";
import { stepFile } from "../../capture/query/step-file.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";
import type { ScenarioSession } from "../support/scenario-session.ts";

const op = quietOp();
const human = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

async function begin() {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "a.txt": human });
  const a = await scenario.session("A");
  await a.prompt("Add a line.");
  return { scenario, a };
}

async function asked(scenario: Scenario, { nativeId }: ScenarioSession, selection: string) {
  const place = await findUnit(scenario.home, "claude-code", nativeId);
  if (place === undefined) throw new Error("the session has no unit");
  return { place, selected: parseAddress(`claude-code:${nativeId}${selection}`) };
}

test("a commit's coverage counts added lines by owner and names the sessions", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nby the agent\n");
  await a.stop();
  scenario.user({ "b.txt": "by hand\nand this\n" });
  const sha = scenario.commit("Both of us");
  await scenario.capture();
  using context = await scenario.context();
  const trace = traceIdOf("claude-code", a.nativeId);
  expect(await blameCommit(op, context, { rev: "HEAD" })).toEqual({
    commits: [
      {
        sha,
        subject: "Both of us",
        coverage: { added: 3, byStep: 1, byHuman: 2, unknown: 0 },
        traces: [{ id: trace, steps: [1], prompts: ["Add a line."] }],
      },
    ],
  });
  const range = await blameCommit(op, context, { rev: "HEAD~1..HEAD" });
  expect(range.commits.map((commit) => commit.sha)).toEqual([sha]);
  await expect(blameCommit(op, context, { rev: "nowhere" })).rejects.toMatchObject({
    code: "not-found",
  });
});

test("the diff of steps joins what they did to one file; its sides can be read", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nfirst\n");
  await a.edit("a.txt", "first\n", "second\n");
  await a.write("new.txt", "no newline at the end");
  await a.stop();
  await scenario.capture();
  expect((await stepDiff(op, await asked(scenario, a, ":1-3"))).patch).toBe(
    [
      "diff --git a/a.txt b/a.txt",
      "--- a/a.txt",
      "+++ b/a.txt",
      "@@ -1,5 +1,6 @@",
      " one",
      " two",
      "+second",
      " three",
      " four",
      " five",
      "diff --git a/new.txt b/new.txt",
      "new file mode 100644",
      "--- /dev/null",
      "+++ b/new.txt",
      "@@ -0,0 +1 @@",
      "+no newline at the end",
      String.raw`\ No newline at end of file`,
      "",
    ].join("\n"),
  );
  const file = async (selection: string, path: string, side: "before" | "after") =>
    (await stepFile(op, { ...(await asked(scenario, a, selection)), path, side })).text;
  expect(await file(":1", "a.txt", "before")).toBe(human);
  expect(await file(":1", "a.txt", "after")).toBe(human.replace("two\n", "two\nfirst\n"));
  expect(await file(":3", "new.txt", "before")).toBeNull();
  expect(await file(":last", "new.txt", "after")).toBe("no newline at the end");
  await expect(file(":1", "new.txt", "after")).rejects.toMatchObject({ code: "not-found" });
});

test("a session's facts hold commits, what the user did between, and the outcome", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  await a.edit("a.txt", "two\n", "two\nby the agent\n");
  await scenario.types("a.txt", `${scenario.repo.read("a.txt")}typed\n`, [10, 10]);
  await a.bash("git commit -am Done", () => void scenario.commit("Done"));
  await a.stop();
  await scenario.capture();
  using context = await scenario.context();
  const facts = await sessionFacts(op, context, traceIdOf("claude-code", a.nativeId));
  expect(facts.outside).toMatchObject([{ by: "human", path: "a.txt", added: 1, deleted: 0 }]);
  expect(facts.commits).toMatchObject([{ subject: "Done", lines: { added: 2, byThisSession: 1 } }]);
  expect(facts.outcome).toMatchObject({
    commits: [{ subject: "Done" }],
    merged: true,
    reverted: false,
    states: { alive: 1, pending: 0, lost: 0 },
    rating: null,
  });
});
