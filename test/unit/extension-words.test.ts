import { describe, expect, test } from "vitest";

import type { WhyAnswer } from "../../capture/model/answers.ts";
import { ago, annotationWords, unknownWords } from "../../extension/editor/words.ts";

const nowMs = 1_800_000_000_000;
const hourMs = 3_600_000;

const ofStep: WhyAnswer = {
  path: "src/cart.js",
  line: 19,
  rev: "worktree",
  owner: { kind: "step", trace: "claude-code:x", step: 14, candidates: [] },
  prompt: {
    step: 0,
    text: 'The test "total with 25% discount"\nfails in this repo. Please fix it.',
  },
  request: { step: 14 },
  commit: null,
  evidence: "observed",
  lineage: [],
  state: "pending",
  step: {
    kind: "edit",
    harness: "claude-code",
    model: "claude-opus-5-5",
    atMs: nowMs - 2 * hourMs,
    added: 3,
    deleted: 1,
    after: "npm test",
    survivingLines: 3,
    addedLines: 3,
    redactions: 0,
  },
  note: null,
};

const ofCommit: WhyAnswer = {
  ...ofStep,
  owner: { kind: "unknown", trace: null, step: null, candidates: [] },
  prompt: null,
  step: null,
  evidence: "before-capture",
  commit: { sha: "a".repeat(40), subject: "Add cart", atMs: nowMs - 49 * hourMs, author: "Jo" },
};

describe("the words behind the current line", () => {
  test("name the agent, the time and the prompt in at most 60 characters", () => {
    const words = annotationWords(ofStep, nowMs) ?? "";
    expect(words).toBe('Claude Code, 2 h ago · “The test "total with 25% discount"…');
    expect(Array.from(words).length).toBeLessThanOrEqual(60);
  });

  test("cut by whole characters, not in the middle of an emoji", () => {
    const prompt = { step: 0, text: "👩‍🚀".repeat(60) };
    expect(annotationWords({ ...ofStep, prompt }, nowMs)).toMatch(/“(👩‍🚀)+…$/u);
  });

  test.each([
    [59, "59 d ago"],
    [327, "10 mo ago"],
    [1_000, "2 y ago"],
  ])("say of %d days %s", (days, words) => {
    const commit = { ...ofCommit.commit, atMs: nowMs - days * 24 * hourMs };
    const answer = { ...ofCommit, commit: { ...commit, sha: "a", subject: "Add cart" } };
    expect(annotationWords(answer, nowMs)).toContain(words);
  });

  test("name the person and the formatter while nothing is committed", () => {
    const by = (kind: "human" | "formatter") => ({
      ...ofCommit,
      owner: { ...ofCommit.owner, kind },
      commit: null,
    });
    expect(annotationWords(by("human"), nowMs)).toBe("You, not committed yet");
    expect(annotationWords(by("formatter"), nowMs)).toBe("A formatter, not committed yet");
  });

  test("name author and subject of a line that is older than capture", () => {
    expect(annotationWords(ofCommit, nowMs)).toBe("Jo, 2 d ago · Add cart");
  });

  test("are absent where nothing is known", () => {
    expect(annotationWords({ ...ofCommit, commit: null }, nowMs)).toBeNull();
  });
});

test("an unknown line says why in the engine's words if it has some", () => {
  expect(unknownWords({ ...ofCommit, note: "Two shell commands overlapped." })).toBe(
    "Two shell commands overlapped.",
  );
  expect(unknownWords(ofCommit)).toBe("Capture began after this line was written.");
});

test("a time is told in whole units", () => {
  const seconds = [0, 59, 60, 3_599, 7_200, 172_800, 10_000_000];
  expect(seconds.map((s) => ago(nowMs - s * 1_000, nowMs))).toEqual([
    "just now",
    "just now",
    "1 minute ago",
    "59 minutes ago",
    "2 hours ago",
    "2 days ago",
    "3 months ago",
  ]);
});
