import { OtError } from "../base/errors.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { nearest } from "./nearest.ts";

/** What stands behind a verb, sorted by the verb's own table. */
export interface Arguments {
  readonly operands: readonly string[];
  /** The last value that was given; undefined where none was. */
  value(name: string): string | undefined;
  has(name: string): boolean;
}

/** Options of every verb; none takes a value, so that they can also stand before the verb. */
const globalOptions: readonly OptionSpec[] = [
  { name: "json", what: "print one JSON object and nothing else" },
  { name: "yes", what: "answer every question with yes" },
  { name: "help", what: "explain the verb" },
];

const streamOption: OptionSpec = { name: "jsonl", what: "print one JSON record a line" };

export function optionsOf(spec: CommandSpec): readonly OptionSpec[] {
  return [...spec.options, ...(spec.streams ? [streamOption] : []), ...globalOptions];
}

/** `ot trace show <trace>[:<step>] [--full]`, without what every verb has. */
export function usageOf(spec: CommandSpec): string {
  const options = spec.options.map(({ name, value }) =>
    value === undefined ? `[--${name}]` : `[--${name} ${value}]`,
  );
  return ["ot", spec.verb, spec.operands, ...options].filter((part) => part !== "").join(" ");
}

/** A wrong call, with the right one as its hint. */
export function usageError(spec: CommandSpec, message: string): OtError {
  return new OtError("usage", message, { hint: `Usage: ${usageOf(spec)}` });
}

/**
 * Sorts the words behind a verb. `--name value`, `--name=value` and `--` as everywhere; options
 * and operands in any order. Throws `usage`.
 */
export function parseArguments(spec: CommandSpec, words: readonly string[]): Arguments {
  const isVerbatim = spec.isVerbatim === true && !isLoneHelp(words);
  const { operands, values } = sort(spec, isVerbatim ? ["--", ...words] : words);
  if (!values.has("help")) checkCount(spec, operands);
  return {
    operands,
    value: (name) => values.get(name),
    has: (name) => values.has(name),
  };
}

function isLoneHelp(words: readonly string[]): boolean {
  return words.length === 1 && (words[0] === "--help" || words[0] === "-h");
}

function sort(
  spec: CommandSpec,
  words: readonly string[],
): { operands: string[]; values: Map<string, string> } {
  const known = optionsOf(spec);
  const operands: string[] = [];
  const values = new Map<string, string>();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      operands.push(...rest);
      break;
    }
    if (word === "-h") values.set("help", "");
    else if (word.startsWith("-") && word !== "-") takeOption(word);
    else operands.push(word);
  }
  return { operands, values };

  function takeOption(word: string): void {
    const [, name = "", given] = /^--([^=]+)(?:=(.*))?$/su.exec(word) ?? [];
    const option = known.find((one) => one.name === name);
    if (option === undefined) throw unknownOption(spec, word);
    if (option.value === undefined) {
      if (given !== undefined) throw usageError(spec, `--${name} takes no value.`);
      values.set(name, "");
      return;
    }
    const value = given ?? rest.shift();
    if (value === undefined || (given === undefined && value.startsWith("--"))) {
      throw usageError(spec, `--${name} needs a value: --${name} ${option.value}.`);
    }
    values.set(name, value);
  }
}

function unknownOption(spec: CommandSpec, word: string): OtError {
  const bare = word.replace(/=.*$/su, "");
  const names = optionsOf(spec).map(({ name }) => `--${name}`);
  const close = nearest(bare, names);
  const meant = close === undefined ? "" : ` Did you mean ${close}?`;
  const dash = spec.operandsMax > 0 && !word.startsWith("--");
  const path = dash ? ` A name that begins with a dash goes behind "--".` : "";
  return usageError(spec, `ot ${spec.verb} has no option ${bare}.${meant}${path}`);
}

function checkCount(spec: CommandSpec, operands: readonly string[]): void {
  if (operands.length < spec.operandsMin) {
    throw usageError(spec, `ot ${spec.verb} needs ${spec.operands}.`);
  }
  if (operands.length > spec.operandsMax) {
    const extra = operands[spec.operandsMax] ?? "";
    throw usageError(spec, `ot ${spec.verb} does not know what to do with "${extra}".`);
  }
}
