// What one change of a text tells about who made it. No VS Code here: its types fit these.

interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** One place of a change; all places of one change count in the text before it. */
export interface Edit {
  readonly range: Span;
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** A key puts in no more than this at a place; a longer text was pasted, or nobody knows. */
const typedCharsMax = 64;

/**
 * True if a key could have made it: the same text at every cursor, or in the lines of a selection,
 * as with typing, deleting, indenting and commenting.
 */
export function isKeystroke(edits: readonly Edit[], cursors: readonly Span[]): boolean {
  const [first] = edits;
  if (first === undefined || first.text.length > typedCharsMax) return false;
  if (edits.some(({ text }) => text !== first.text)) return false;
  return edits.every(({ range }) =>
    cursors.some((cursor) => touches(range, cursor) || isInLinesOf(range, cursor)),
  );
}

/** Where the cursor stands after an edit, before the editor has said so. */
export function cursorAfter({ range, text }: Edit): Span {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const start = lines.length === 1 ? range.start.character : 0;
  const place = { line: range.start.line + lines.length - 1, character: start + last.length };
  return { start: place, end: place };
}

function touches(one: Span, other: Span): boolean {
  return compare(one.start, other.end) <= 0 && compare(other.start, one.end) <= 0;
}

/** A key that works on whole lines works on those of a selection. */
function isInLinesOf({ start, end }: Span, selection: Span): boolean {
  if (selection.start.line === selection.end.line) return false;
  return start.line >= selection.start.line && end.line <= selection.end.line;
}

function compare(one: Place, other: Place): number {
  return one.line - other.line || one.character - other.character;
}

/**
 * True if it has the marks of a formatter: several places in one go, or one that was replaced, and
 * the same words in the same order before and after.
 *
 * One text put in the place of others everywhere is what replacing does.
 */
export function isReformat(edits: readonly Edit[], before: string, after: string): boolean {
  const [first] = edits;
  if (first === undefined) return false;
  if (edits.length === 1 && (first.rangeLength === 0 || first.text === "")) return false;
  const isReplaced = edits.every(({ text, rangeLength }) => text === first.text && rangeLength > 0);
  if (edits.length > 1 && isReplaced && first.text !== "") return false;
  return before !== after && wordsOf(before) === wordsOf(after);
}

function wordsOf(text: string): string {
  return text.match(/[\p{L}\p{N}_$]+/gu)?.join(" ") ?? "";
}

/** The text after a change. */
export function edited(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of edits.toSorted((a, b) => b.rangeOffset - a.rangeOffset)) {
    const end = edit.rangeOffset + edit.rangeLength;
    result = result.slice(0, edit.rangeOffset) + edit.text + result.slice(end);
  }
  return result;
}
