import { expect, test } from "vitest";
import { Scenario } from "../support/scenario.ts";
import "../support/slow-tests.ts";

const human = "one\ntwo\nthree\nfour\n";
const older = (count: number): string[] => Array.from({ length: count }, () => "unknown");
const longAgo = { GIT_AUTHOR_DATE: "1577836800 +0000", GIT_COMMITTER_DATE: "1577836800 +0000" };

/** Commits everything now, with an author's date from long ago. */
function commitAuthoredLongAgo(scenario: Scenario, message: string): void {
  scenario.repo.git("add", "--all");
  scenario.git(
    "commit",
    "--quiet",
    "--no-verify",
    "--message",
    message,
    "--date",
    longAgo.GIT_AUTHOR_DATE,
  );
}

async function begin(options: { readonly hooks?: boolean } = {}) {
  const scenario = await Scenario.open();
  scenario.repo.commit("Begin", { "h.txt": human });
  const a = await scenario.session("A", options);
  await a.prompt();
  return { scenario, a };
}

/** Commits everything, with a clock that stands years before the session. */
function commitLongAgo({ repo }: Scenario, message: string): string {
  repo.git("add", "--all");
  repo.gitWith(longAgo, "commit", "--quiet", "--no-verify", "--message", message);
  return repo.git("rev-parse", "HEAD");
}

test("row 92: owners follow a rename in commits whose clock is before the session", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.write("a.txt", "first thing\nsecond thing\nthird thing\n");
  await a.stop();
  commitLongAgo(scenario, "The agent's");
  scenario.repo.git("mv", "a.txt", "b.txt");
  commitLongAgo(scenario, "Rename");
  await scenario.capture();
  expect(await scenario.owners("b.txt")).toEqual([step, step, step]);
  expect(await scenario.why("b.txt", 1)).toMatchObject({ evidence: "carried" });
  expect(scenario.broken).toEqual([]);
});

test("row 92: a commit made after the session with an old date is the user's", async () => {
  for (const hooks of [true, false]) {
    const { scenario, a } = await begin({ hooks });
    await using _ = scenario;
    const step = await a.write("a.txt", "by the agent\n");
    await a.stop();
    scenario.user({ "a.txt": "by the agent\nby hand\n", "h.txt": `${human}five\n` });
    // Of an imported session nobody knows on which commit it began.
    if (hooks) commitLongAgo(scenario, "By hand");
    else commitAuthoredLongAgo(scenario, "By hand");
    await scenario.capture();
    expect(await scenario.owners("a.txt")).toEqual([step, "human"]);
    expect(await scenario.owners("h.txt")).toEqual([...older(4), "human"]);
    expect(await scenario.why("h.txt", 1)).toMatchObject({ evidence: "before-capture" });
    expect(await scenario.why("h.txt", 5)).toMatchObject({ evidence: "observed" });
    expect(scenario.broken).toEqual([]);
  }
});

test("row 92: a commit in the very second the session began is judged by order", async () => {
  for (const hooks of [true, false]) {
    const { scenario, a } = await begin({ hooks });
    await using _ = scenario;
    // Without hooks the session begins with its first prompt.
    const start = `${Math.floor(Date.UTC(2026, 0, 5, 9, 0, hooks ? 10 : 20) / 1000)} +0000`;
    const step = await a.write("a.txt", "by the agent\n");
    await a.stop();
    scenario.user({ "a.txt": "by the agent\nby hand\n" });
    scenario.repo.git("add", "--all");
    const dates = { GIT_AUTHOR_DATE: start, GIT_COMMITTER_DATE: start };
    scenario.repo.gitWith(dates, "commit", "--quiet", "--message", "Both");
    await scenario.capture();
    expect(await scenario.owners("a.txt")).toEqual([step, "human"]);
    expect(await scenario.owners("h.txt")).toEqual(older(4));
    expect(scenario.broken).toEqual([]);
  }
});

test("what the user committed before the session is older, even if dated later", async () => {
  const scenario = await Scenario.open();
  await using _ = scenario;
  scenario.repo.write("h.txt", human);
  scenario.repo.git("add", "--all");
  const dates = { GIT_AUTHOR_DATE: "1893456000 +0000", GIT_COMMITTER_DATE: "1893456000 +0000" };
  scenario.repo.gitWith(dates, "commit", "--quiet", "--message", "From the future");
  const a = await scenario.session("A");
  await a.prompt();
  const step = await a.edit("h.txt", "two\n", "two\nnew one\n");
  await a.stop();
  scenario.commit();
  await scenario.capture();
  expect(await scenario.owners("h.txt")).toEqual([...older(2), step, ...older(2)]);
  expect(await scenario.why("h.txt", 1)).toMatchObject({ evidence: "before-capture" });
  expect(scenario.broken).toEqual([]);
});

test("row 48: what a step writes and commits is the step's, whatever date it gives", async () => {
  const { scenario, a } = await begin();
  await using _ = scenario;
  const step = await a.bash("sed -i s/two/TWO/ h.txt && git commit -am Done", () => {
    scenario.repo.write("h.txt", human.replace("two", "TWO"));
    commitLongAgo(scenario, "Done");
  });
  await a.stop();
  await scenario.capture();
  expect(await scenario.owners("h.txt")).toEqual([...older(1), step, ...older(2)]);
  expect(scenario.broken).toEqual([]);
});

test("row 92: an older import does not hide that a later session saw HEAD move", async () => {
  const { scenario, a } = await begin({ hooks: false });
  await using _ = scenario;
  await a.write("made.txt", "new\n");
  const b = await scenario.session("B");
  await b.prompt();
  const step = await b.write("b.txt", "by the agent\n");
  await b.stop();
  scenario.user({ "b.txt": "by hand\nby the agent\n" });
  commitLongAgo(scenario, "Both");
  await scenario.capture();
  expect(await scenario.owners("b.txt")).toEqual(["human", step]);
  expect(await scenario.owners("h.txt")).toEqual(older(4));
  expect(scenario.broken).toEqual([]);
});

test("row 92: patches have the same fate whatever the commits' clock says", async () => {
  for (const commit of [commitLongAgo, (one: Scenario) => one.commit()]) {
    const { scenario, a } = await begin();
    await using _ = scenario;
    await a.edit("h.txt", "two\n", "two\nby the agent\n");
    await a.edit("h.txt", "four\n", "");
    await a.stop();
    const sha = commit(scenario, "The agent's");
    await scenario.capture();
    expect(await scenario.fates(a)).toEqual(["1 h.txt alive 1 E2", "2 h.txt alive 1 E1 deletion"]);
    if (commit === commitLongAgo) scenario.repo.gitWith(longAgo, "revert", "--no-edit", sha);
    else scenario.git("revert", "--no-edit", sha);
    expect(await scenario.fates(a)).toEqual(["1 h.txt reverted 0", "2 h.txt reverted 0 deletion"]);
    expect(scenario.broken).toEqual([]);
  }
});
