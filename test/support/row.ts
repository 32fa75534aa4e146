import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { bucketState } from "./bucket-state.ts";
import { growHistory } from "./grow-history.ts";
import type { RepoOptions } from "./repo.ts";
import { type Answers, askAll, type Expected, inRuns, unrolled } from "./row-answers.ts";
import { Scenario } from "./scenario.ts";
import type { ScenarioSession } from "./scenario-session.ts";
import "./slow-tests.ts";

/** What a longer history may start beside, whatever its length: a listing that was not needed. */
const moreProcessesMax = 4;

type Story = (scenario: Scenario) => Promise<Expected>;

/**
 * A row of the scenarios: what happens, and then what holds. Six things are checked each time:
 * the owner of every line, the state of each patch at HEAD and on the default branch, its anchors,
 * that nothing of the user's repository changed by what we do, that doing it again changes and says
 * nothing new, and that a longer history starts no more processes.
 */
export function row(number: number, words: string, story: Story, options: RepoOptions = {}): void {
  test(`row ${number}: ${words}`, async () => {
    await using scenario = await Scenario.open(options);
    const expected = await story(scenario);
    const few = await holds(scenario, expected);
    if (!growHistory(scenario, Object.keys(expected.owners))) return;
    const many = await capturedAndAsked(scenario, expected);
    expect(wordsOf(many.answers, expected), "after more commits").toEqual(wordsOf(expected));
    expect(many.processes, "processes after more commits").toBeLessThanOrEqual(
      few.processes + moreProcessesMax,
    );
    expect(scenario.broken).toEqual([]);
  });
}

/** Eight lines of the user's, each of its own words. */
export const eightLines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

/** A repository with the user's files, a session of the agent in it, and its first prompt. */
export async function beginSession(
  scenario: Scenario,
  files: Readonly<Record<string, string>> = { "a.txt": eightLines },
): Promise<ScenarioSession> {
  scenario.repo.commit("Begin", files);
  const session = await scenario.session("A");
  await session.prompt();
  return session;
}

/** Checks what holds in the middle of a story; all but the number of processes. */
export async function holds(
  scenario: Scenario,
  expected: Expected,
): Promise<{ readonly processes: number }> {
  await scenario.capture();
  const ask = (): Promise<Answers> => askAll(scenario, expected);
  const folder = expected.in ?? scenario.repo.dir;
  const first = await scenario.untouched("asking", ask, folder);
  expect(wordsOf(first, expected)).toEqual(wordsOf(expected));
  for (const patches of Object.values(first.patches)) expectNoDoubles(patches);
  const kept = bucketState(scenario.home);
  await scenario.restart();
  const { answers, processes } = await capturedAndAsked(scenario, expected);
  expect(answers.printed, "asked again").toEqual(first.printed);
  expect(bucketState(scenario.home), "the bucket, after capturing again").toEqual(kept);
  expect(scenario.broken).toEqual([]);
  return { processes };
}

/** Captures once more and asks everything; how many processes that started. */
async function capturedAndAsked(
  scenario: Scenario,
  expected: Expected,
): Promise<{ readonly answers: Answers; readonly processes: number }> {
  let processes = 0;
  const count = (): void => void (processes += 1);
  subscribe("child_process", count);
  try {
    await scenario.capture();
    const answers = await scenario.untouched("asking", () => askAll(scenario, expected));
    return { answers, processes };
  } finally {
    unsubscribe("child_process", count);
  }
}

/** In the one form in which the two can be compared; of a longer file the lines that are known. */
function wordsOf(
  { owners, patches, onMain = asOfHead(patches) }: Expected,
  { owners: known }: Expected = { owners, patches },
): unknown {
  const cut = Object.entries(owners).map(([name, runs]): [string, string] => {
    const { length } = unrolled(known[name] ?? "");
    return [name, inRuns(unrolled(runs).slice(0, length))];
  });
  return { owners: Object.fromEntries(cut), patches, onMain };
}

function asOfHead(patches: Expected["patches"]): Expected["patches"] {
  return Object.fromEntries(Object.entries(patches).filter(([name]) => !name.includes("@")));
}

/** An anchor is one place in one commit, told once. */
function expectNoDoubles(patches: readonly string[]): void {
  for (const patch of patches) {
    const anchors = patch.match(/ E\d@[^:]+:/gu) ?? [];
    expect(new Set(anchors).size, patch).toBe(anchors.length);
  }
}
