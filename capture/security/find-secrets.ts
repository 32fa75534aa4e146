import { builtInDetectors } from "./detectors/all.ts";
import { type Detector, farReach, Findings, type Reach, type Span } from "./detectors/detector.ts";
import { knownDetectors } from "./detectors/known-literal.ts";
import { LiteralScanner } from "./literal-scan.ts";
import { placeholdersIn } from "./redact.ts";
import { unescapedView, type View, withoutNulView } from "./views.ts";

/** Levels of JSON escapes that are undone: JSON in JSON in JSON. */
const escapeLevelsMax = 3;
/**
 * Work on one text, per character of it, in characters looked at. What is left when it is spent is
 * taken for a secret as a whole: only text that was made to slow us down costs that much. Counted,
 * not timed, so that equal bytes have equal answers.
 */
const charsSpentMax = 64;

/** A half-open range of bytes to be replaced, and the type that the placeholder names. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** A place to be looked at closely. */
export interface Suspect {
  /** Offset in the escaped bytes. */
  readonly at: number;
  readonly reach: Reach;
}

/** A letter in disguise may belong to anything, the longest anchor included. */
const hiddenReach: Reach = farReach;

/** All detectors behind one literal scan. */
export class SecretFinder {
  readonly #scanner: LiteralScanner;
  /** Detectors by the number of their literal. */
  readonly #detectors: readonly Detector[];

  /** False looks closely everywhere: for tests of what the cheap look may let through. */
  readonly usesPrefilter: boolean;

  constructor(knownSecrets: readonly string[], usesPrefilter = true) {
    this.usesPrefilter = usesPrefilter;
    const detectors = [...builtInDetectors, ...knownSecrets.flatMap(knownDetectors)];
    const literals = detectors.flatMap((detector) =>
      detector.anchors.map((text) => ({ detector, text, anyCase: detector.anyCase })),
    );
    this.#detectors = literals.map((literal) => literal.detector);
    this.#scanner = new LiteralScanner([...literals, ...escapeLiterals]);
  }

  /**
   * Every place of bytes that may be JSON-escaped, several times over, at which {@link find} has to
   * look; ordered. None is certain: no secret starts anywhere.
   */
  suspects(bytes: Uint8Array): Suspect[] {
    const places: Suspect[] = [];
    this.#scanner.scan(bytes, { from: 0, to: bytes.length }, (literal, at) => {
      const detector = this.#detectors[literal];
      if (detector === undefined) {
        if (isHidingEscape(bytes, at)) places.push({ at, reach: hiddenReach });
      } else if (!this.usesPrefilter || detector.mayMatch(bytes, at)) {
        places.push({ at, reach: detector.reach });
      }
      return false;
    });
    for (const at of spacedPlaces(bytes, 0, bytes.length)) places.push({ at, reach: hiddenReach });
    return places.sort((a, b) => a.at - b.at);
  }

  /**
   * Finds the secrets of `view` at every level of escaping, with `levels` levels undone at least
   * and the rest as far as there is something to undo.
   *
   * Ranges are those of the bytes that the view was made of: ordered, disjoint, outside of
   * placeholders, and never over a line break.
   */
  find(view: View, accept: { readonly from: number; readonly to: number }): Finding[] {
    const spans: Span[] = [];
    let next: View | null = view;
    for (let level = 0; next !== null && level <= escapeLevelsMax; level += 1) {
      this.#findIn(next, accept, spans);
      const bare = withoutNulView(next);
      if (bare !== null) this.#findIn(bare, accept, spans);
      next = unescapedView(next);
    }
    return merge(spans);
  }

  #findIn(view: View, accept: { readonly from: number; readonly to: number }, spans: Span[]): void {
    const { text } = view;
    const found = new Findings();
    const budget = text.length * charsSpentMax + 64 * 1024;
    const covered = new Map<Detector, number>();
    const from = viewIndex(view, accept.from);
    const to = viewIndex(view, accept.to);
    this.#scanner.scan(view.bytes, { from, to }, (literal, at) => {
      const detector = this.#detectors[literal];
      // What a detector has found already it need not find again from an anchor inside.
      if (detector === undefined || at < (covered.get(detector) ?? 0)) return false;
      if (this.usesPrefilter && !detector.mayMatch(view.bytes, at)) return false;
      if (found.charsSpent > budget) {
        found.add(at, to, "unscanned", 0);
        return true;
      }
      const before = found.spans.length;
      detector.find(text, at, found);
      const last = found.spans.at(-1);
      // The lines of a key are apart, and another marker may stand between them.
      const isOne = found.spans.length > before && detector.reach !== farReach;
      if (last !== undefined && isOne) covered.set(detector, last.end);
      return false;
    });
    for (const piece of pieces(text, merge(found.spans))) spans.push(toOrigin(view, piece));
  }
}

/** `\u0020` to `\u007f`, which few writers escape, and `\u0000`, which UTF-16 is full of. */
const escapeLiterals = [{ text: "\\u00", anyCase: false }];

function isHidingEscape(bytes: Uint8Array, at: number): boolean {
  const digit = bytes[at + 4] ?? 0;
  if (digit === 0x30) return bytes[at + 5] === 0x30 && isSpacedEscape(bytes, at + 6);
  return digit >= 0x32 && digit <= 0x37;
}

/** Whether another NUL is written as an escape behind the next letter. */
function isSpacedEscape(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 12; i += 1) {
    if (bytes[i] === 0x75) return bytes[i + 1] === 0x30 && bytes[i + 4] === 0x30;
  }
  return false;
}

/** Places of letters with NUL between them, as UTF-16 has; near enough to see all of them. */
function spacedPlaces(bytes: Uint8Array, from: number, to: number): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(0, from); at >= 0 && at < to;) {
    const isSpaced = bytes[at + 2] === 0 && bytes[at + 4] === 0 && isLetter(bytes[at + 1] ?? 0);
    if (isSpaced) places.push(at);
    at = bytes.indexOf(0, at + (isSpaced ? 128 : 1));
  }
  return places;
}

function isLetter(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** First index of the view that stands at or after `origin`. */
function viewIndex(view: View, origin: number): number {
  if (view.at === null) return Math.min(origin, view.bytes.length);
  let [low, high] = [0, view.at.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((view.at[middle] ?? 0) < origin) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toOrigin(view: View, span: Span): Span {
  if (view.at === null) return span;
  const start = view.at[span.start] ?? 0;
  const end = view.at[span.end] ?? 0;
  return { ...span, start, end };
}

/** Joins overlapping spans; the type of the highest rank names the whole. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) {
      if (span.end > span.start) merged.push(span);
      continue;
    }
    const named = span.rank > last.rank ? span : last;
    merged[merged.length - 1] = { ...named, start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}

/** Takes placeholders and line breaks out of spans: a redaction keeps lines, and is done once. */
function pieces(text: string, spans: readonly Span[]): Span[] {
  if (spans.length === 0) return [];
  const kept = placeholdersIn(text);
  const cut: Span[] = [];
  let next = 0;
  for (const span of spans) {
    let start = span.start;
    // Both lists are ordered and disjoint; a placeholder may reach into the next span.
    while (next < kept.length && (kept[next]?.end ?? 0) <= start) next += 1;
    for (let i = next; i < kept.length; i += 1) {
      const hole = kept[i];
      if (hole === undefined || hole.start >= span.end) break;
      cutLines(text, { ...span, start, end: Math.max(start, hole.start) }, cut);
      start = Math.min(hole.end, span.end);
    }
    cutLines(text, { ...span, start }, cut);
  }
  return cut;
}

function cutLines(text: string, span: Span, cut: Span[]): void {
  let start = span.start;
  for (const brk of text.slice(span.start, span.end).matchAll(/[\r\n]{1,64}/g)) {
    const end = span.start + brk.index;
    if (end > start) cut.push({ ...span, start, end });
    start = end + brk[0].length;
  }
  if (span.end > start) cut.push({ ...span, start });
}
