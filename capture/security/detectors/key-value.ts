import { type Detector, type Findings, matchAt, nearReach, rank } from "./detector.ts";
import { mayAssign } from "./assignment-filter.ts";
import type { KeyKind } from "./key-names.ts";
import { kindOf, type Name, nameAround, nameCharsMax, wordBefore } from "./name-in-text.ts";
import { isSecretValue, type ValueContext } from "./value-judgement.ts";
import { isReference } from "./value-words.ts";

const valueCharsMax = 16_384;

/** Values behind a name that says secret, in whatever notation: see {@link keyKindOf}. */
export const passwordValues: Detector = {
  reach: nearReach,
  anchors: ["pass", "pwd", "phrase", "mnemonic"],
  anyCase: true,
  mayMatch: (bytes, at) => mayAssign(bytes, at, true),
  find: findValue,
};

export const secretValues: Detector = {
  reach: nearReach,
  anchors: ["secret", "token", "key", "cred", "auth", "_pw", "-pw"],
  anyCase: true,
  mayMatch: (bytes, at) => mayAssign(bytes, at, false),
  find: findValue,
};

const ansi = String.raw`\x1b\[[0-9;]{0,16}m`;
const closing = String.raw`(?:\\{0,7}["'\x60]|[\])]|${ansi}){0,4}`;
const separator = new RegExp(
  String.raw`${closing}(?:[ \t]{0,4}\[[^\]\n"]{0,40}\])?[ \t]{0,24}` +
    String.raw`\??(?:=>|:=|={1,3}|:|>)(?:[ \t]|${ansi}){0,24}`,
  "y",
);
const sibling = new RegExp(
  String.raw`\\{0,7}["']?[ \t]{0,4}(?:,|\r?\n|\\{1,7}n|[ \t])(?:\s|\\{1,7}[nrt]){0,32}` +
    String.raw`(?:- )?\\{0,7}["']?value\\{0,7}["']?[ \t]{0,4}[:=][ \t]{0,4}`,
  "iy",
);
const argument = /(?:[ \t]{1,4}|\\{0,7}["'],[ \t]{0,4}(?=\\{0,7}["']))/y;
const verb = /[ \t]{1,2}(?:is|was)[ \t]{0,2}:?[ \t]{1,2}/y;
const typed = /[A-Za-z_][\w.[\]<>| ]{0,40} = (?=\\{0,7}["'])/y;
const openQuote = /[brfuBRFUN@$]{0,2}(\\{0,7})(["'\x60])/y;
const envValue = /[^\s"'\x60\\]{1,16384}/y;
const bareValue = /(?:[^\s"'\x60\\,;<>(){}[\]|&]|\\(?![nrtu"'\\])){1,16384}/y;

interface Value {
  readonly start: number;
  readonly end: number;
  readonly context: ValueContext;
}

function findValue(text: string, at: number, found: Findings): void {
  if (at < found.nameEnd) return;
  const name = nameAround(text, at);
  const isWhole = name.end - at < nameCharsMax;
  found.charsSpent += name.text.length;
  if (!isWhole) return;
  found.nameEnd = name.end;
  const kind = kindOf(name, wordBefore(text, name.start));
  if (kind === null) return;
  const value = valueAfter(text, name, found);
  if (value === null) return;
  const written = text.slice(value.start, value.end);
  found.charsSpent += 4 * written.length;
  if (!isSecretValue(written, kind, value.context)) return;
  found.add(value.start, value.end, kind.type, rank.judged);
}

function valueAfter(text: string, name: Name, found: Findings): Value | null {
  const pair = matchAt(sibling, text, name.end, found);
  if (pair !== null) return valueAt(text, name.end + pair[0].length, "bare", found);
  const assigned = matchAt(separator, text, name.end, found);
  if (assigned !== null) return assignedValue(text, name, assigned[0], found);
  if (name.text.startsWith("-")) {
    const gap = matchAt(argument, text, name.end, found);
    return gap === null ? null : valueAt(text, name.end + gap[0].length, "quoted", found);
  }
  const said = matchAt(verb, text, name.end, found);
  return said === null ? null : valueAt(text, name.end + said[0].length, "prose", found);
}

function assignedValue(text: string, name: Name, gap: string, found: Findings): Value | null {
  const at = name.end + gap.length;
  if (gap.endsWith(">") && !gap.includes("=") && text.charAt(name.start - 1) !== "<") return null;
  const annotation = matchAt(typed, text, at, found);
  if (annotation !== null) return valueAt(text, at + annotation[0].length, "bare", found);
  const isEnv =
    gap === "=" && (/^[A-Z][A-Z0-9_]{2,127}$/.test(name.text) || isLineStart(text, name.start));
  const isQuery = gap === "=" && /[?&;]/.test(text.charAt(name.start - 1));
  return valueAt(text, at, isEnv && !isQuery ? "env" : "bare", found);
}

/** What may stand between a line's start and a setting: diff sign, line number, shell word. */
const lineLead = new RegExp(
  String.raw`(?:^|\n)[>+|-]?(?:[ \t]{0,12}\d{1,7}(?:[\t:|]|\xe2\x86\x92)[ \t]{0,8})?` +
    "(?:export |set |ENV |ARG |declare -x )?$",
);

function isLineStart(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at);
  // Indented lines are code more often than settings; those are judged as code.
  return lineLead.test(before);
}

function valueAt(text: string, at: number, context: ValueContext, found: Findings): Value | null {
  const quote = matchAt(openQuote, text, at, found);
  if (quote !== null) {
    const start = at + quote[0].length;
    const end = quotedEnd(text, start, quote[2] ?? '"', quote[1]?.length ?? 0);
    return { start, end, context: context === "env" ? "env" : "quoted" };
  }
  const match = matchAt(context === "env" ? envValue : bareValue, text, at, found);
  if (match === null) return null;
  // Sentences end in a stop, lists in a comma: neither is part of a secret.
  const trimmed = context === "env" ? match[0] : match[0].replace(/[.,:!?]{1,3}$/, "");
  return { start: at, end: at + trimmed.length, context };
}

/** The end of a quoted value: its quote, escaped as deep as the opening one, or the line's end. */
function quotedEnd(text: string, start: number, quote: string, escapes: number): number {
  const limit = Math.min(text.length, start + valueCharsMax);
  let slashes = 0;
  for (let i = start; i < limit; i += 1) {
    const char = text.charAt(i);
    if (char === "\n" || char === "\r") return i;
    if (char === quote && slashes <= escapes) return i - slashes;
    slashes = char === "\\" ? slashes + 1 : 0;
  }
  return limit;
}

/** Adds the finding that a value is which is one whole JSON string behind a name. */
export function findNamedValue(value: string, kind: KeyKind, found: Findings): void {
  if (isReference(value) || !isSecretValue(value, kind, "quoted")) return;
  found.add(0, value.length, kind.type, rank.judged);
}
