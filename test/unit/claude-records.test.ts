import { expect, test } from "vitest";

import { textHead } from "../../capture/model/text.ts";
import { foldLines } from "../support/claude-fold.ts";
import { session } from "../support/claude-lines.ts";

const texts = (lines: readonly string[]) =>
  foldLines(lines).trace.steps.map(({ text }) => textHead(text));

test("a session that was written into its file twice has happened once", () => {
  const { lines } = session().user("Go").says("Yes.").call("t1", "Bash", { command: "ls" });
  const { trace, issues } = foldLines([...lines, ...lines]);

  expect(trace.steps).toHaveLength(3);
  expect(issues).toEqual([]);
});

test("two records of one name are two steps, with keys of their own, and an issue", () => {
  const { lines } = session().user("Go").says("Yes.");
  const other = (lines[1] ?? "").replace("Yes.", "Or no, on second thought.");
  const { trace, issues } = foldLines([...lines, other]);

  expect(trace.steps.map(({ key }) => key)).toEqual(["uuid-1/0", "uuid-2/0", "line-3/0"]);
  expect(issues).toMatchObject([{ line: 3, rule: "line-not-understood" }]);
});

test("an answer may be a text instead of blocks", () => {
  const message = { role: "assistant", id: "msg_1", model: "claude-test", content: "Yes." };
  const { lines } = session().user("Go").record("assistant", { message });

  expect(texts(lines)).toEqual(["Go", "Yes."]);
});

test("tokens count without a response id as well, as whole numbers that add up", () => {
  const usage = { input_tokens: -5, output_tokens: 1.5, cache_read_input_tokens: 1e300 };
  const message = { role: "assistant", content: [{ type: "text", text: "Yes." }], usage };
  const { steps } = foldLines(session().user("Go").record("assistant", { message }).lines).trace;

  expect(steps[1]?.tokens).toEqual({ input: 0, output: 1, cacheRead: 1e9, cacheWrite: 0 });
});

test("the client's own answer is part of what is sent on, but not its words about the API", () => {
  const synthetic = { model: "<synthetic>" };
  const own = { type: "text", text: "No response requested." };
  const lines = session().user("Go").assistant("msg_own", own, synthetic).says("Yes.", "msg_1");
  const failed = session()
    .user("Go")
    .assistant("msg_own", own, { ...synthetic, isApiErrorMessage: true })
    .says("Yes.", "msg_1");
  const sent = ({ lines: texts }: typeof lines) =>
    foldLines(texts).ctx.flatMap((record) => (record.r === "node" ? record.tail.length : []));

  expect(sent(lines)).toEqual([2]);
  expect(sent(failed)).toEqual([1]);
});
