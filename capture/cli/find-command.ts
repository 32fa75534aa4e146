import { OtError } from "../base/errors.ts";
import type { CommandSpec } from "./command.ts";
import { commandTable } from "./command-table.ts";
import { laterVerbs } from "./later-verbs.ts";
import { nearest } from "./nearest.ts";

export type Found =
  | { readonly kind: "command"; readonly spec: CommandSpec; readonly rest: readonly string[] }
  /** `verb`: a verb, the beginning of some, or empty for all. */
  | { readonly kind: "help"; readonly verb: string; readonly isJson: boolean }
  | { readonly kind: "version"; readonly verb: ""; readonly isJson: boolean };

const leading = new Set(["--json", "--yes", "--help", "-h", "--version"]);
const verbWordsMax = 3;

/** Tells which verb a command line means. Throws `usage` for an unknown one. */
export function findCommand(words: readonly string[]): Found {
  const before = words.slice(
    0,
    words.findIndex((word) => !leading.has(word)),
  );
  const globals = words.every((word) => leading.has(word)) ? words : before;
  const rest = words.slice(globals.length);
  const isJson = words.includes("--json");
  if (globals.includes("--version")) return { kind: "version", verb: "", isJson };
  if (rest.length === 0) return { kind: "help", verb: "", isJson };
  for (let count = Math.min(verbWordsMax, rest.length); count > 0; count -= 1) {
    const verb = rest.slice(0, count).join(" ");
    const spec = commandTable.find((one) => one.verb === verb);
    if (spec === undefined) continue;
    return { kind: "command", spec, rest: [...globals, ...rest.slice(count)] };
  }
  return group(globals, rest, isJson);
}

/** A word that begins several verbs, such as `trace`: its help if that was asked for. */
function group(globals: readonly string[], rest: readonly string[], isJson: boolean): Found {
  const [first = "", second] = rest;
  if (first.startsWith("-")) {
    const hint = "Options of a verb stand behind it; ot --help lists the verbs.";
    throw new OtError("usage", `ot has no option ${first}.`, { hint });
  }
  const inGroup = commandTable.filter(({ verb }) => verb.startsWith(`${first} `));
  if (inGroup.length === 0) throw unknownVerb(first);
  const isHelp = [...globals, ...rest].some((word) => word === "--help" || word === "-h");
  if (isHelp) return { kind: "help", verb: first, isJson };
  const verbs = inGroup.map(({ verb }) => `ot ${verb}`);
  const hint = `It has ${verbs.join(", ")}.`;
  if (second === undefined || second.startsWith("-")) {
    throw new OtError("usage", `ot ${first} needs a second word.`, { hint });
  }
  if (laterVerbs.includes(`${first} ${second}`)) throw later(`${first} ${second}`);
  const known = inGroup.map(({ verb }) => verb.slice(first.length + 1));
  throw unknown(`ot ${first}`, second, { known, hint });
}

function unknownVerb(word: string): OtError {
  if (laterVerbs.some((verb) => verb === word || verb.startsWith(`${word} `))) return later(word);
  const known = [...new Set(commandTable.map(({ verb }) => verb.split(" ")[0] ?? ""))];
  return unknown("ot", word, { known, hint: "ot --help lists what there is." });
}

function later(verb: string): OtError {
  return new OtError("usage", `ot ${verb} is not part of this version.`, {
    hint: "ot --help lists what is.",
  });
}

function unknown(
  what: string,
  word: string,
  { known, hint }: { known: readonly string[]; hint: string },
): OtError {
  const close = nearest(word, known);
  const meant = close === undefined ? "" : ` Did you mean ${what} ${close}?`;
  return new OtError("usage", `${what} has no verb "${word}".${meant}`, { hint });
}
