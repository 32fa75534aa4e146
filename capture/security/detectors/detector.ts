/** A secret found in a text: `[start, end)`, and the type that names its placeholder. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  /** Which type wins where spans overlap: the higher. */
  readonly rank: number;
}

/** Ranks of {@link Span}: a documented shape, a literal that is known, a judged value. */
export const rank = { shape: 3, known: 2, judged: 1 } as const;

/**
 * Looks at the places where one of its literals stands, and nowhere else.
 *
 * Every pattern is anchored at such a place and has bounded quantifiers, so that the work is
 * linear in the text whatever it holds.
 */
export interface Detector {
  /** How much of the text around the anchor it may look at. */
  readonly reach: Reach;
  /** Three characters or more each. */
  readonly anchors: readonly string[];
  readonly anyCase: boolean;
  /**
   * Whether `find` can find anything at the anchor at `at`, judged from bytes that may still be
   * JSON-escaped, several times over. Cheap; may say yes too often, never no too often.
   */
  mayMatch(bytes: Uint8Array, at: number): boolean;
  /** Adds what it finds at the anchor at `at`. `text` is unescaped, one character a byte. */
  find(text: string, at: number, found: Findings): void;
}

/** What the detectors found in one text, and the work that it took them. */
export class Findings {
  readonly spans: Span[] = [];
  /** Characters looked at, roughly: what a budget is held against, on every machine the same. */
  charsSpent = 0;
  /** End of the last name that was judged: several anchors may stand in one name. */
  nameEnd = -1;

  add(start: number, end: number, type: string, rankOf: number): void {
    this.spans.push({ start, end, type, rank: rankOf });
  }
}

/**
 * How far a detector sees, in bytes of the escaped text, before and after its anchor. The end moves
 * on to the next blank where it would cut a word, up to {@link reachBytesMax}.
 */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** A name and a value, or one token. */
export const nearReach: Reach = { before: 256, after: 1024 };
/** One command line or header. */
export const lineReach: Reach = { before: 1024, after: 8 * 1024 };
/** A key of many lines. */
export const farReach: Reach = { before: 28 * 1024, after: 28 * 1024 };
export const reachBytesMax = 32 * 1024;

const failedMatchChars = 16;

/** Runs a sticky pattern at `at`. */
export function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
  found: Findings,
): RegExpExecArray | null {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  found.charsSpent += failedMatchChars + (match?.[0].length ?? 0);
  return match;
}

const escapeLetter = /[nrtbf]/;
const colour = new RegExp(String.fromCharCode(27) + "\\[[0-9;]{0,16}m$");
const wordChar = /[A-Za-z0-9_]/;

/**
 * True if no word runs into `at`: the character before is none of a word, or ends an escape
 * sequence (`\n`, a terminal colour) that only looks like one.
 */
export function startsWord(text: string, at: number): boolean {
  const before = text.charAt(at - 1);
  if (before === "" || !wordChar.test(before)) return true;
  if (escapeLetter.test(before) && text.charAt(at - 2) === "\\") return true;
  return before === "m" && colour.test(text.slice(Math.max(0, at - 20), at));
}

/** A table of 256 flags: which bytes are one of `chars`. */
export function byteSet(chars: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const char of chars) set[char.charCodeAt(0)] = 1;
  return set;
}

export const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
export const digits = "0123456789";
