import { describe, expect, test } from "vitest";

import type { Engine } from "../../capture/api.ts";
import { quietOp } from "../../capture/base/op.ts";
import type { Text } from "../../capture/model/text.ts";
import { readStepTexts } from "../../extension/views/step-texts.ts";

interface Said {
  readonly text?: Text;
  readonly input?: unknown;
  readonly output?: Text | null;
}

/** Reads a step that is `brief` at first and `full` where the whole of it is asked for. */
async function check(brief: Said, full: Said = {}) {
  let asked = 0;
  const step = ({ text = "", input, output = null }: Said) => ({
    steps: [{ text, tool: input === undefined ? null : { input, output } }],
  });
  const engine = {
    showTrace: (_: unknown, request: { full?: boolean }) => {
      asked++;
      return Promise.resolve(step(request.full === true ? full : brief));
    },
  };
  // Safe: it asks an engine for one step and nothing else.
  const texts = await readStepTexts(quietOp(), engine as unknown as Engine, "claude-code:x:1");
  return { ...texts, asked };
}

describe("an expanded step", () => {
  test("shows its command and its output", async () => {
    const texts = await check({ input: { command: "npm test" }, output: "ok 1" });
    expect(texts).toEqual({ text: "npm test", output: "ok 1", truncatedChars: 0, asked: 1 });
  });

  test("shows the arguments of a tool that has no command", async () => {
    const input = { pattern: "discount", limit: 3 };
    expect((await check({ input, output: "" })).text).toBe("pattern: discount\nlimit: 3");
  });

  test("fetches a longer output whole", async () => {
    const blob = { blob: "a".repeat(64), bytes: 17_000, head: "the head" };
    const texts = await check(
      { input: {}, output: blob },
      { input: {}, output: "x".repeat(17_000) },
    );
    expect(texts).toMatchObject({ output: "x".repeat(17_000), truncatedChars: 0, asked: 2 });
  });

  test("shows the head of a huge output, and says how much is missing", async () => {
    const blob = { blob: "a".repeat(64), bytes: 50_000_000, head: "the head" };
    const texts = await check({ input: {}, output: blob });
    expect(texts).toMatchObject({ output: "the head", truncatedChars: 49_999_992, asked: 1 });
  });

  test("is cut to what a row can hold", async () => {
    const texts = await check({ text: "x".repeat(21_000) });
    expect(texts.text).toHaveLength(20_000);
    expect(texts.truncatedChars).toBe(1_000);
  });
});
