import { describe, expect, test } from "vitest";

import type { WhyAnswer } from "../../capture/model/answers.ts";
import { hoverCommands, hoverMarkdown } from "../../extension/editor/hover-markdown.ts";

const nowMs = 1_800_000_000_000;
const hourMs = 3_600_000;

const ofStep: WhyAnswer = {
  path: "src/cart.js",
  line: 19,
  rev: "worktree",
  owner: { kind: "step", trace: "claude-code:x", step: 14, candidates: [] },
  prompt: { step: 0, text: "The test fails.\n\n    indented\nPlease fix it." },
  request: { step: 14 },
  commit: { sha: "8db58dd0".repeat(5), subject: "Round after discount", atMs: nowMs },
  evidence: "observed",
  lineage: [
    {
      owner: { kind: "step", trace: "claude-code:x", step: 8, candidates: [] },
      commit: null,
      how: "replaced",
    },
    {
      owner: { kind: "human", trace: null, step: null, candidates: [] },
      commit: "a1c9e02a".repeat(5),
      how: "replaced",
    },
  ],
  state: "alive",
  step: {
    kind: "edit",
    harness: "claude-code",
    model: "claude-opus-5-5",
    atMs: nowMs - 2 * hourMs,
    added: 3,
    deleted: 1,
    after: "npm test failed with 1 (step 12)",
    survivingLines: 3,
    addedLines: 3,
    redactions: 2,
  },
  note: null,
};

const nobody = { kind: "unknown", trace: null, step: null, candidates: [] } as const;
const ofNobody: WhyAnswer = {
  ...ofStep,
  owner: nobody,
  prompt: null,
  step: null,
  commit: null,
  lineage: [],
};

/** What a reader sees of it, without links and markup. */
function drawn(answer: WhyAnswer): string {
  return (hoverMarkdown(answer, nowMs) ?? "nothing")
    .replaceAll(/\[([^\]]*)\]\(command:[^)]*\)/gu, "<$1>")
    .replaceAll("&nbsp;", " ")
    .replaceAll(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe("the hover", () => {
  test("says who and when, why, what, what became of it, and what was there before", () => {
    expect(drawn(ofStep)).toMatchInlineSnapshot(`
      "**Claude Code** wrote this line 2 hours ago, step 14 · claude-opus-5-5

      > The test fails.  
      >   
      >     indented  
      > Please fix it.

      src/cart.js +3 −1 after npm test failed with 1 (step 12) · committed in \`8db58dd0\` Round after discount · ● alive 3 of 3 lines  
      2 secrets were replaced when this was recorded  
      Before it: step 8 (replaced) · a person (replaced, \`a1c9e02a\`)

      ---

      <Open step>   <Diff>"
    `);
  });

  test("shows what approved it beneath the prompt that meant it", () => {
    const prompt = { step: 0, text: "Round after the discount.", approvedWith: "go ahead" };
    expect(drawn({ ...ofStep, prompt })).toContain(
      "> Round after the discount.\n\napproved with: go ahead",
    );
  });

  test("says that nothing is committed yet, once", () => {
    const words = drawn({ ...ofStep, commit: null, state: "pending" });
    expect(words.match(/not committed yet/gu)).toHaveLength(1);
  });

  test("names the steps that an unknown line could be from", () => {
    const candidates = [4, 9].map((step) => ({ trace: "claude-code:x", step }));
    const note = "Two commands ran at the same time.";
    expect(drawn({ ...ofNobody, owner: { ...nobody, candidates }, note })).toBe(
      "Two commands ran at the same time.  \nCould be step 4 or step 9.",
    );
  });

  test("invents nothing for a human's line", () => {
    const owner = { ...nobody, kind: "human" } as const;
    const commit = { sha: "b".repeat(40), subject: "Add cart", atMs: nowMs, author: "Jo" };
    expect(drawn({ ...ofNobody, owner, commit })).toBe("**Jo**, just now · `bbbbbbbb` Add cart");
    expect(drawn({ ...ofNobody, owner })).toBe("You wrote this line. Not committed yet.");
  });

  test("names the formatter, and leads to the step whose line it changed", () => {
    const owner = { ...nobody, kind: "formatter" } as const;
    expect(drawn({ ...ofNobody, owner })).toBe("A formatter wrote this line. Not committed yet.");
    const commit = { sha: "b".repeat(40), subject: "Add cart", atMs: nowMs, author: "Jo" };
    expect(drawn({ ...ofNobody, owner, commit, lineage: ofStep.lineage.slice(0, 1) })).toBe(
      "A formatter wrote this line.  \n**Jo**, just now · `bbbbbbbb` Add cart  \n" +
        "Before it: step 8 (replaced)\n\n---\n\n<Open step>   <Diff>",
    );
  });

  test("is silent where there is nothing to say", () => {
    expect(hoverMarkdown(ofNobody, nowMs)).toBeNull();
  });
});

describe("nothing that a transcript, a commit or a path says acts in a hover", () => {
  const hostile = "](command:workbench.action.quit) <b onclick=x> https://evil.example $(bug) `";
  const links = (markdown: string) =>
    [...markdown.matchAll(/\]\((?<target>[^)]*)\)/gu)].map(
      ({ groups }) => groups?.["target"] ?? "",
    );

  test.each<[string, WhyAnswer]>([
    ["prompt", { ...ofStep, prompt: { step: 0, text: hostile, approvedWith: hostile } }],
    ["path", { ...ofStep, path: `src/${hostile}.js` }],
    ["commit", { ...ofStep, commit: { sha: "](x)", subject: hostile, atMs: nowMs } }],
    ["model", { ...ofStep, step: { ...(ofStep.step ?? neverNull()), model: hostile } }],
    [
      "author",
      { ...ofNobody, commit: { sha: "b".repeat(40), subject: "x", atMs: 0, author: hostile } },
    ],
    ["note", { ...ofNobody, note: hostile }],
  ])("%s", (_, answer) => {
    const markdown = hoverMarkdown(answer, nowMs) ?? "";
    const allowed = hoverCommands.map((command) => `command:${command}?`);
    for (const target of links(markdown)) {
      expect(
        allowed.some((start) => target.startsWith(start)),
        target,
      ).toBe(true);
      expect(target).toMatch(/^command:[\w.]+\?[\w%.-]*$/u);
    }
    expect(markdown.replaceAll(/`[^`]*`/gu, "")).not.toMatch(/<b|https:|\$\(/u);
  });

  test("a very long prompt is cut where a hover ends", () => {
    const prompt = { step: 0, text: "x".repeat(1_000_000) };
    expect((hoverMarkdown({ ...ofStep, prompt }, nowMs) ?? "").length).toBeLessThan(25_000);
  });
});

function neverNull(): never {
  throw new Error("The answer of this test has a step.");
}
