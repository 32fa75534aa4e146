// What the sanitiser does to one text. Two rules, both on lines:
// strict, for places where the client puts its own words: a line stays when it is ours, a bare
// token or a format that readers parse; any other becomes "Neutral text <hash>." (equal lines
// become equal texts, so a text joined or wrapped elsewhere stays recognisable);
// lenient, for places that hold the user's, the model's or a tool's words: known phrases of the
// client are reworded, and prose that nobody can account for is reported.
import { sha256 } from "./sanitise-journal.mjs";

/** What every replaced text looks like. */
export const NEUTRAL_TEXT = /^Neutral text [0-9a-f]{8}\.$/;

/** Lines that carry facts in a form which readers of session files parse. */
const FORMATS = [
  /^agentId: \w+$/,
  /^output_file: \S+$/,
  /^Output too large \([\d.]+KB\)\. Full output saved to: \S+$/,
  /^Preview \(first 2KB\):$/,
  /^Agent "[^"]+" finished$/,
  /^Background command "[^"]+" completed \(exit code \d+\)$/,
  /^[A-Z]\w+(, [A-Z]\w+)+$/,
  /^File created successfully at: \S+$/,
  /^The file \S+ has been updated successfully\.$/,
  /^The file \S+ has been updated\. All occurrences were successfully replaced\.$/,
  /^Command running in background with ID: \w+\. Output is being written to: \S+$/,
  /^(Error: )?No such tool available: \w+$/,
  /^(Error: )?String to replace not found in file\.$/,
  /^(Error: )?File does not exist\. \(working directory: \S+\)$/,
];

/** What node's test runner, npm, git and grep print. */
const TOOL_OUTPUT = [
  /^(Error: )?Exit code \d+$/,
  /^[✔✖ℹ>] /u,
  /^test at \S+$/,
  /^at .*(\(\S+\)|node:\S+)( \{)?$/,
  /^(Error: )?PreToolUse:\w+ hook error: \[\S+\]: blocked by policy hook \(test\)$/,
  /^AssertionError \[ERR_ASSERTION\]: Expected values to be strictly equal:$/,
  /^(generatedMessage|code|actual|expected|operator|diff): /,
  /^\d+ files? changed, [\w ,()+-]+$/,
  /^ls: cannot access '[^']+': No such file or directory$/,
];

/** Phrases of the client in tool results: [what it says, what the fixture says]. */
const PHRASES = [
  [/ \(file state is current in your context[^)]*\)/g, ""],
  [/ Note: your current working directory is (\S+?)\.?$/gm, " (working directory: $1)"],
  [/( Output is being written to: \S+?)\. You will be notified when.*$/gm, "$1."],
  [/ \(This tool result is internal metadata[^)]*\)/g, ""],
  [/^(agentId: \w+) \(internal ID.*$/gm, "$1"],
];

/** Marks a tool result that is words of the client but for its format lines. */
const CLIENT_RESULT = /^Async agent launched successfully/;

/** Tags that the client wraps its records in; the words between them are judged one by one. */
const TAG = new RegExp(
  `(</?(?:${[
    "system-reminder|tools-used-before-summary|persisted-output|tool_use_error",
    "task-notification|task-id|tool-use-id|output-file|status|summary|note|result|usage",
    "subagent_tokens|tool_uses|duration_ms|command-name|command-message|command-args",
    "local-command-stdout|local-command-stderr|local-command-caveat",
  ].join("|")})>)`,
);

/** The lines of a text, split again at the client's tags, which are left out. */
export function textSegments(text) {
  const parts = text.split("\n").flatMap((line) => line.split(TAG));
  return parts.filter((part) => !TAG.test(part));
}

/** Whether a line is a bare token: a name, a number, a path, an address. */
export function isToken(line) {
  return /^[\w.:@/*+-]{1,64}$/.test(line);
}

/** Whether a line is long enough, and of enough words, to be somebody's prose. */
export function isProse(line) {
  return line.length >= 40 && line.trim().split(/\s+/).length >= 5;
}

/** Whether a trimmed line is one that readers parse or that a tool other than the client wrote. */
export function isFormat(line) {
  return FORMATS.some((form) => form.test(line)) || TOOL_OUTPUT.some((form) => form.test(line));
}

/** Whether a line is ours: in `own` (trimmed lines), as it is or behind a reader's prefix. */
export function isOwn(line, own) {
  const bare = line.trim();
  const forms = [bare, ...PREFIXES.map((prefix) => bare.replace(prefix, "").trim())];
  return forms.some((form) => form === "" || own.has(form));
}

/** Line numbers of Read, the text an edit did not find, places of grep, marks of a diff, ids. */
const PREFIXES = [/^\d+\t/, /^String: /, /^([\w./-]+:)?\d+:/, /^[-+]/, /^[0-9a-f]{7,40} /];

/** Replaces every line that is neither ours nor a token nor a format. */
export function strictText(text, own) {
  return text
    .split("\n")
    .map((line) =>
      line
        .split(TAG)
        .map((part) => strictPart(part, own))
        .join(""),
    )
    .join("\n");
}

function strictPart(part, own) {
  const bare = part.trim();
  if (TAG.test(part) || isToken(bare) || own.has(bare) || isFormat(bare)) return part;
  const [lead] = /^\s*(?:- (?:[\w:-]{1,40}: )?|[*#]+ )?/.exec(part) ?? [""];
  return `${lead}Neutral text ${sha256(bare).slice(0, 8)}.`;
}

/** Rewords the client's phrases; `report` is called with each line nobody can account for. */
export function lenientText(text, own, report) {
  let reworded = text;
  for (const [phrase, ours] of PHRASES) reworded = reworded.replace(phrase, ours);
  if (CLIENT_RESULT.test(reworded)) return strictText(reworded, own);
  for (const line of textSegments(reworded)) {
    if (isProse(line) && !isOwn(line, own) && !isFormat(line.trim())) report(line);
  }
  return reworded;
}
