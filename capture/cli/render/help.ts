import { optionsOf, usageOf } from "../arguments.ts";
import { type CommandSpec, type Group, groups } from "../command.ts";
import { columnsOf, indented, type Paper, style } from "./paper.ts";

const groupTitles: Readonly<Record<Group, string>> = {
  record: "Record",
  look: "Look at sessions",
  lines: "Ask about code",
  care: "Keep it in order",
};

/** All verbs, each with its line, and how to begin. */
export function* overviewLines(table: readonly CommandSpec[]): Generator<string> {
  yield "ot (opentraces) - why each line is there: what coding agents saw, did and changed.";
  yield "Everything stays on this machine.";
  const rows = columnsOf(
    table.map(({ verb, operands, summary }) => [`  ot ${verb} ${operands}`.trimEnd(), summary]),
  );
  for (const group of groups) {
    yield "";
    yield style.bold(groupTitles[group]);
    yield* rows.filter((_, at) => table[at]?.group === group);
  }
  yield "";
  yield style.bold("Begin with");
  yield* columnsOf([
    ["  ot import", "past sessions, with nothing installed"],
    ["  ot trace list", "what your agents did, newest first"],
    ["  ot why src/cart.js:12", "the prompt behind a line"],
  ]);
  yield "";
  yield "ot help <verb> explains a verb; with --json every verb prints one JSON object.";
}

/** One verb: usage, what it does, options, examples. */
export function* verbLines(spec: CommandSpec, paper: Paper): Generator<string> {
  yield `${style.bold("Usage:")} ${usageOf(spec)}`;
  yield "";
  yield* indented(paper, `${spec.summary[0]?.toUpperCase() ?? ""}${spec.summary.slice(1)}.`, "");
  for (const sentence of spec.about) yield* indented(paper, sentence, "");
  yield "";
  yield style.bold("Options");
  yield* columnsOf(
    optionsOf(spec).map(({ name, value, what }) => [
      `  --${name}${value === undefined ? "" : ` ${value}`}`,
      what,
    ]),
  );
  yield "";
  yield style.bold(spec.examples.length === 1 ? "Example" : "Examples");
  yield* columnsOf(spec.examples.map(([command, what]) => [`  ${command}`, what]));
}

/** The same as values, for `--json`. */
export function specJson(spec: CommandSpec): object {
  return {
    verb: spec.verb,
    usage: usageOf(spec),
    summary: spec.summary,
    about: spec.about,
    options: optionsOf(spec).map(({ name, value, what }) => ({ name, value: value ?? null, what })),
    examples: spec.examples.map(([command, what]) => ({ command, what })),
  };
}
