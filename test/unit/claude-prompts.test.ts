import { expect, test } from "vitest";

import { textHead } from "../../capture/model/text.ts";
import { foldLines } from "../support/claude-fold.ts";
import { type ClaudeLines, session } from "../support/claude-lines.ts";

/** `kind actor {flags} text` of each step. */
function check(lines: ClaudeLines, expected: readonly string[]): void {
  const { trace, issues } = foldLines(lines.lines);
  const shown = trace.steps.map(({ kind, actor, flags, text }) =>
    [kind, actor, `{${flags.join(" ")}}`, textHead(text)].join(" "),
  );
  expect(shown).toEqual(expected);
  expect(issues).toEqual([]);
}

test("what a person typed is a prompt, what the client wrote in their name is a notice", () => {
  const notification = "<task-notification>\n<task-id>b1</task-id>\n</task-notification>";
  check(
    session()
      .user("Fix the test", { promptSource: "typed", turnOrigin: "human" })
      .user("<local-command-caveat>Ignore this.</local-command-caveat>", { isMeta: true })
      .user("Base directory for this skill: /s", { isMeta: true })
      .user("<system-reminder>\nTake care.\n</system-reminder>")
      .user(notification),
    [
      "prompt user {} Fix the test",
      "notice harness {meta} Ignore this.",
      "notice harness {meta} Base directory for this skill: /s",
      "notice harness {meta} <system-reminder>\nTake care.\n</system-reminder>",
      `notice harness {task-notification} ${notification}`,
    ],
  );
});

test("a slash command is a prompt if it drives a turn, a notice if the client answers it", () => {
  const typed = (name: string, words: string) =>
    `<command-name>/${name}</command-name>\n<command-message>${name}</command-message>\n` +
    `<command-args>${words}</command-args>`;
  check(
    session()
      .user(typed("compact", "keep names"))
      .user("<local-command-stdout>Compacted</local-command-stdout>")
      .user(typed("review-all", "src"))
      .user(typed("plan", "it"), { promptSource: "typed" }),
    [
      "notice harness {command} /compact keep names",
      "notice harness {command} Compacted",
      "prompt user {command} /review-all src",
      "prompt user {command} /plan it",
    ],
  );
});

test("what the client says of itself is a notice, without its tags", () => {
  const said = (subtype: string, content: string) => ({ subtype, content });
  check(
    session()
      .record("system", said("local_command", "<command-name>/model</command-name>"))
      .record("system", said("local_command", "<local-command-stdout>Kept</local-command-stdout>"))
      .record("system", said("informational", "Conversation resumed"))
      .record("system", { subtype: "api_error", retryAttempt: 2, error: { formatted: "529" } })
      .record("system", { subtype: "turn_duration", durationMs: 5 }),
    [
      "notice harness {command} /model",
      "notice harness {command} Kept",
      "notice harness {} Conversation resumed",
      "notice harness {api-error retry:2} 529",
    ],
  );
});

test("an interruption is a step of its own", () => {
  check(
    session()
      .user([{ type: "text", text: "[Request interrupted by user]" }])
      .user([{ type: "text", text: "[Request interrupted by user for tool use]" }])
      .user("[Request interrupted by user] is what I saw"),
    [
      "interruption user {} [Request interrupted by user]",
      "interruption user {} [Request interrupted by user for tool use]",
      "prompt user {} [Request interrupted by user] is what I saw",
    ],
  );
});

test("a command that a person ran by hand is a step of theirs, joined with what it printed", () => {
  const lines = session()
    .user("<bash-input>ls src</bash-input>")
    .user("<bash-stdout>cart.js</bash-stdout><bash-stderr>odd</bash-stderr>");
  const { steps } = foldLines(lines.lines).trace;

  expect(steps).toHaveLength(1);
  expect(steps[0]).toMatchObject({
    kind: "command",
    actor: "user",
    text: "ls src",
    tool: { input: { command: "ls src" }, output: "cart.js\nodd" },
  });
});

test("a prompt typed while the agent works is a prompt, a queued notification is a notice", () => {
  const queued = (prompt: string, commandMode: string) => ({
    attachment: { type: "queued_command", prompt, commandMode },
  });
  check(
    session()
      .user("Go")
      .record("attachment", queued("And also this", "prompt"))
      .record(
        "attachment",
        queued("<task-notification>x</task-notification>", "task-notification"),
      ),
    [
      "prompt user {} Go",
      "prompt user {queued} And also this",
      "notice harness {task-notification} <task-notification>x</task-notification>",
    ],
  );
});

test("a picture in a prompt is a flag and a word, never its bytes", () => {
  const image = {
    type: "image",
    source: { type: "base64", media_type: "image/png", data: "AAAA" },
  };
  check(session().user([{ type: "text", text: "Look" }, image]), [
    "prompt user {image} Look\n[image image/png]",
  ]);
});

test("the first prompt of a sub-agent is its parent's, not a person's", () => {
  const { steps } = foldLines(session().user("Search it").lines, { ref: { agent: "a1" } }).trace;

  expect(steps[0]).toMatchObject({ kind: "prompt", actor: "agent", agent: "a1", turn: 0 });
});

test("turns count prompts, and what comes before the first is turn -1", () => {
  const lines = session().says("Hello").user("One").says("Yes").user("Two").says("Done");
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ turn }) => turn)).toEqual([-1, 0, 0, 1, 1]);
});

test("an approving prompt points to the prompt or plan that it approves", () => {
  const lines = session()
    .user("Rename the parameter")
    .says("Shall I?")
    .user("yes, go ahead")
    .user("Now plan the rest")
    .call("t1", "ExitPlanMode", { plan: "1. Do it" })
    .user("ok")
    .user("ok, but use tabs");
  const { steps } = foldLines(lines.lines).trace;

  expect(steps.map(({ approves }) => approves)).toEqual([null, null, 0, null, null, 4, null]);
});

test("with nothing before it, an approving prompt approves nothing", () => {
  expect(foldLines(session().user("yes").lines).trace.steps[0]?.approves).toBeNull();
});

test("words that the client added to a message are not the person's", () => {
  const file = "<ide_opened_file>The user opened a.js</ide_opened_file>";
  const reminder = "<system-reminder>Take care.</system-reminder>";
  const block = (text: string) => ({ type: "text", text });
  check(
    session()
      .user([block(file), block("Fix this")])
      .user(`${reminder}\n${file}\nAnd that`)
      .user([block(file), block(reminder)])
      .user("Why is <system-reminder> here?"),
    [
      "prompt user {} Fix this",
      "prompt user {} And that",
      `notice harness {meta} ${file}\n${reminder}`,
      "prompt user {} Why is <system-reminder> here?",
    ],
  );
});

test("a message of which nothing can be read is no prompt", () => {
  const { trace, issues } = foldLines(session().user([null, 7, { type: "new" }]).lines);
  expect(trace.steps).toEqual([]);
  expect(issues.map(({ rule }) => rule)).toEqual(Array(3).fill("block-type-unknown"));
});
