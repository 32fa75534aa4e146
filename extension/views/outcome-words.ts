import type { Outcome } from "../../capture/api.ts";

/** "2 commits · tests green · 27 of 28 edits alive"; null if nothing has come of it yet. */
export function outcomeWords(outcome: Outcome): string | null {
  const words: string[] = [];
  const { commits, tests, states } = outcome;
  if (commits.length > 0) {
    words.push(`${commits.length} commit${commits.length === 1 ? "" : "s"}`);
  }
  const lastTest = tests.at(-1);
  if (lastTest !== undefined) words.push(lastTest.passed ? "tests green" : "tests red");
  const settled = states.alive + states.transformed + states.reverted + states.lost;
  if (settled > 0) words.push(`${states.alive} of ${settled} edits alive`);
  if (states.pending > 0) words.push(`${states.pending} not committed`);
  return words.length === 0 ? null : words.join(" · ");
}
