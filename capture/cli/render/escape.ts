// Styles travel through the renderers as noncharacters, so that the last step before the terminal
// can escape every control character there is and still know which colours are ours.
const styleStart = "\uFDD0";
const styleEnd = "\uFDD1";
const noStyle = "\u001b[0m";

const styleCodes = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  yellow: "33",
  cyan: "36",
} as const;
export type StyleName = keyof typeof styleCodes;

const names = new Map<string, string>([
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

// Control characters of both kinds, marks that turn the direction of writing, separators that
// some terminals break lines at, and the invisible copy of ASCII that people cannot see.
const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** One line of foreign text as it may stand in a terminal: what would act is spelled out. */
export function visibleLine(text: string): string {
  return text.replaceAll("\t", "    ").replaceAll(acting, spelled);
}

/** Whitespace, line ends included, as single spaces; the rest as in {@link visibleLine}. */
export function oneLine(text: string): string {
  return visibleLine(text.replaceAll(/\s+/gu, " ").trim());
}

/** The lines of a longer foreign text, each as in {@link visibleLine}; the last newline ends it. */
export function visibleLines(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === "") lines.pop();
  return lines.map(visibleLine);
}

export function styled(name: StyleName, text: string): string {
  return text === "" ? "" : `${styleStart}${styleCodes[name]};${text}${styleEnd}`;
}

/** `text` without the marks of {@link styled}. */
export function withoutStyles(text: string): string {
  return text.replaceAll(/\uFDD0(?:\d+;)?|\uFDD1/gu, "");
}

/**
 * One line for a terminal, the only way out for text.
 *
 * Invariant: whatever went in, no control character comes out but our own colours, and these only
 * with `colour`, and always closed.
 */
export function terminalLine(line: string, { colour }: { readonly colour: boolean }): string {
  const safe = visibleLine(line);
  if (!colour) return withoutStyles(safe);
  const opened = safe.replaceAll(/\uFDD0(1|2|31|32|33|36);/gu, "\u001b[$1m");
  if (opened === safe) return withoutStyles(safe);
  const closed = opened.replaceAll(styleEnd, noStyle).replaceAll(styleStart, "");
  return closed.endsWith(noStyle) ? closed : `${closed}${noStyle}`;
}

function spelled(character: string): string {
  const known = names.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return code > 0xff ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
}
