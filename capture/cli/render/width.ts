import { oneLine, visibleLine, withoutStyles } from "./escape.ts";

// One column each, and none joins its neighbour: nothing needs to be taken apart.
const plain =
  /^[\u0020-\u007e\u00a0-\u02ff\u0391-\u0450\u2010-\u2027\u2030-\u203b\u2190-\u2319\u2500-\u25fc]*$/u;

/** First and last character of what East Asian scripts draw twice as wide. */
const wideRanges = [
  "\u1100-\u115f",
  "\u2e80-\u303e",
  "\u3041-\ua4cf",
  "\ua960-\ua97f",
  "\uac00-\ud7a3",
  "\uf900-\ufaff",
  "\ufe30-\ufe6f",
  "\uff00-\uff60",
  "\uffe0-\uffe6",
  "\u{1b000}-\u{1b2ff}",
  "\u{1f300}-\u{1f64f}",
  "\u{1f680}-\u{1f6ff}",
  "\u{1f900}-\u{1f9ff}",
  "\u{20000}-\u{3fffd}",
];
const wide = new RegExp(`[${wideRanges.join("")}]|\\p{Emoji_Presentation}`, "u");
const zero = /^(?:\p{Mn}|\p{Me}|\p{Cf})+$/u;

/** Columns that a terminal gives to a line; styles count nothing, East Asian characters two. */
export function widthOf(line: string): number {
  const text = withoutStyles(line);
  if (plain.test(text)) return text.length;
  return segmentsOf(text).reduce((sum, segment) => sum + segmentWidth(segment), 0);
}

/** Foreign text on one line, cut with `…` where it needs more than `width` columns. */
export function fit(text: string, width: number): string {
  // Far more than fits is not looked at; four code units are enough for any one column.
  const line = oneLine(Number.isFinite(width) ? text.slice(0, width * 16 + 64) : text);
  return cut(line, width);
}

/** As {@link fit} for a line of code: its blanks stay as they are. */
export function cut(text: string, width: number): string {
  const line = visibleLine(text);
  if (widthOf(line) <= width) return line;
  let kept = "";
  let used = 1;
  for (const segment of segmentsOf(line)) {
    used += segmentWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

export function padEnd(line: string, width: number): string {
  return line + " ".repeat(Math.max(0, width - widthOf(line)));
}

export function padStart(line: string, width: number): string {
  return " ".repeat(Math.max(0, width - widthOf(line))) + line;
}

/** Breaks one line at blanks into pieces of at most `width` columns; long words are split. */
export function wrap(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const pieces: string[] = [];
  let piece = "";
  for (const word of line.split(/(?<= )/u)) {
    if (widthOf((piece + word).trimEnd()) <= width) {
      piece += word;
      continue;
    }
    if (piece !== "") pieces.push(piece.trimEnd());
    const chunks = chunksOf(word, width);
    piece = chunks.pop() ?? "";
    pieces.push(...chunks);
  }
  if (piece.trimEnd() !== "") pieces.push(piece.trimEnd());
  return pieces;
}

function chunksOf(word: string, width: number): string[] {
  if (widthOf(word) <= width) return [word];
  const chunks: string[] = [];
  let chunk = "";
  let used = 0;
  for (const segment of segmentsOf(word)) {
    const more = segmentWidth(segment);
    if (used + more > width && chunk !== "") {
      chunks.push(chunk);
      chunk = "";
      used = 0;
    }
    chunk += segment;
    used += more;
  }
  return [...chunks, chunk];
}

let segmenter: Intl.Segmenter | undefined;

function segmentsOf(text: string): string[] {
  if (plain.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function segmentWidth(segment: string): number {
  if (zero.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}
