// Text from transcripts, commits and paths, made inert for the places that show it.

/** Zero width: keeps two characters apart that together would be markup. */
const gap = "\u200b";

/**
 * Shows what would otherwise act or hide: control characters as their pictures, and the marks that
 * turn the direction of writing as a replacement character. Newlines and tabs stay.
 */
export function visibleText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\P{Cc}\n\t]/gu, picture)
    .replaceAll(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

function picture(control: string): string {
  const code = control.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/** For labels, messages and tooltips of VS Code, which draw `$(icon)` and follow `[text](link)`. */
export function inertText(text: string): string {
  return visibleText(text).replaceAll("$(", `$${gap}(`).replaceAll("](", `]${gap}(`);
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/**
 * Markdown that shows one line of `text` and nothing else: every character that could begin markup,
 * an HTML tag or a link that is found by itself is written as a number.
 */
export function markdownOf(text: string): string {
  return visibleText(text)
    .replaceAll("\n", " ")
    .replaceAll("\t", "    ")
    .replaceAll(/[!-/:-@[-`{-~]/gu, (char) => `&#${char.codePointAt(0)};`)
    .replaceAll(/^ +| {2,}/gu, (blanks) => "&nbsp;".repeat(blanks.length));
}
