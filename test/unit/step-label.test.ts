import { expect, test } from "vitest";

import { stepWords } from "../../capture/cli/render/step-words.ts";
import { stepLabel } from "../../capture/model/step-label.ts";
import { foldLines } from "../support/claude-fold.ts";
import { type ClaudeLines, session } from "../support/claude-lines.ts";

/** What the timeline says of each step, and what the terminal does. */
function check(lines: ClaudeLines, expected: readonly (readonly [string, string])[]): void {
  const { steps } = foldLines(lines.lines).trace;
  expect(steps.map((step) => [stepLabel(step), stepWords(step).label])).toEqual(expected);
}

const notification = (summary: string) =>
  `<task-notification>\n<task-id>b1</task-id>\n<output-file>/tmp/b1.out</output-file>\n${summary}` +
  "</task-notification>";

test("a tagged notice is known by its summary, never by its ids", () => {
  const summary = 'Background command "npm test" completed (exit code 0)';
  check(
    session()
      .user(notification(`<status>completed</status>\n<summary>${summary}</summary>\n`))
      .user(notification("<status>failed</status>\n"))
      .user(notification("")),
    [
      [summary, summary],
      ["failed", "failed"],
      ["A notice without words", "A notice without words"],
    ],
  );
});

test("the terminal says of a step what the timeline says, and marks a command as one", () => {
  check(
    session()
      .call("t1", "Bash", { command: "npm test" })
      .call("t2", "Read", { file_path: "/home/dev/shop/src/cart.js" })
      .call("t3", "mcp__tickets__find", { query: "discount" })
      .says("Done.\nAll is green."),
    [
      ["npm test", "$ npm test"],
      ["/home/dev/shop/src/cart.js", "/home/dev/shop/src/cart.js"],
      ["tickets: find discount", "tickets: find discount"],
      ["Done.", "Done.\nAll is green."],
    ],
  );
});
