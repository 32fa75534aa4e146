import { expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { blameCommit } from "../../capture/query/blame-commit.ts";
import { sessionFacts } from "../../capture/query/session-facts.ts";
import { GitCount } from "../support/git-count.ts";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const op = quietOp();

/**
 * Rounds of an agent's edit and the user's commit, by as many sessions; what git was started for.
 */
async function startsFor(sessions: number, rounds: number): Promise<Record<string, string[]>> {
  await using world = await Scenario.open({ isWatched: false });
  world.repo.commit("Begin", { "a.txt": "one\n", "b.txt": "two\n" });
  let last = "";
  for (const letter of ["A", "B"].slice(0, sessions)) {
    const session = await world.session(letter);
    await session.prompt();
    for (let round = 0; round < rounds; round += 1) {
      await session.write("a.txt", `${letter} ${round}\n${world.repo.read("a.txt")}`);
      await session.bash(`sed -i 1d b.txt`, () =>
        world.repo.write("b.txt", `${letter} ${round} in b\n`),
      );
      world.user({ "c.txt": `${letter} ${round}\n` });
      world.commit(`Round ${letter}${round}`);
    }
    await session.stop();
    last = session.nativeId;
  }
  await world.capture();
  using count = new GitCount();
  using context = await world.context();
  const trace = traceIdOf("claude-code", last);
  count.take();
  const facts = await sessionFacts(op, context, trace);
  const cold = count.take();
  expect(facts.patches.length).toBe(rounds * 2);
  await sessionFacts(op, context, trace);
  const warm = count.take();
  await blameCommit(op, context, { rev: `HEAD~${rounds}..HEAD` });
  return { cold: cold.toSorted(), warm, range: count.take() };
}

test("facts of a session start no more of git with more commits or more sessions", async () => {
  const few = await startsFor(1, 2);
  expect(few).toMatchInlineSnapshot(`
    {
      "cold": [
        "cat-file",
        "cat-file",
        "diff-tree",
        "for-each-ref",
        "log",
        "log",
        "rev-list",
        "rev-list",
        "rev-list",
        "rev-parse",
        "rev-parse",
        "worktree",
      ],
      "range": [
        "rev-parse",
        "rev-parse",
        "log",
      ],
      "warm": [],
    }
  `);
  expect(await startsFor(1, 4)).toEqual(few);
  expect(await startsFor(2, 2)).toEqual(few);
});
