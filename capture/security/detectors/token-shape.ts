import {
  byteSet,
  type Detector,
  digits,
  letters,
  matchAt,
  nearReach,
  rank,
  startsWord,
} from "./detector.ts";

/** A token whose vendor documents how it starts. */
export interface TokenShape {
  /** Names the placeholder: lower-case words joined by `-`. */
  readonly type: string;
  readonly anchors: readonly string[];
  /**
   * Source of a pattern that matches from the anchor on; its first group, where it has one, is the
   * secret. Bounded quantifiers only.
   */
  readonly pattern: string;
  /** Characters after the anchor that the pattern needs at the very least. */
  readonly tailCharsMin: number;
  /** The part of the secret that stands before the anchor: how it looks, and its length. */
  readonly lead?: {
    readonly pattern: string;
    readonly charsMin: number;
    readonly charsMax: number;
  };
  /** False where the anchor may not run on from a word (`task-` is no `sk-`). Default true. */
  readonly midWord?: boolean;
  /** A last look at the secret. */
  readonly accepts?: (secret: string) => boolean;
}

/** Every character that a token may hold, escaped or not; what else comes ends it. */
const tokenByte = byteSet(`${letters}${digits}_-+/=.~%:\\@!$,`);

/** The detector of one token shape. */
export function tokenDetector(shape: TokenShape): Detector {
  const pattern = new RegExp(shape.pattern, "dy");
  const lead = new RegExp(`(?:${shape.lead?.pattern ?? ""})$`);
  const failedChars = bounds(shape.pattern);
  const { charsMin, charsMax } = shape.lead ?? { charsMin: 0, charsMax: 0 };
  return {
    reach: nearReach,
    anchors: shape.anchors,
    anyCase: false,
    mayMatch: (bytes, at) => areTokenBytes(bytes, at - charsMin, at + shape.tailCharsMin),
    find(text, at, found) {
      if (shape.midWord === false && !startsWord(text, at)) return;
      const match = matchAt(pattern, text, at, found);
      const range = match?.indices?.[1] ?? match?.indices?.[0];
      const before = lead.exec(text.slice(Math.max(0, at - charsMax), at));
      if (range === undefined || before === null) {
        found.charsSpent += Math.min(failedChars, text.length - at);
        return;
      }
      const start = range[0] - before[0].length;
      const end = range[1];
      const secret = text.slice(start, end);
      if (isMadeUp(secret) || shape.accepts?.(secret) === false) {
        found.charsSpent += 8 * secret.length;
        return;
      }
      found.add(start, end, shape.type, rank.shape);
    },
  };
}

/** The most that a pattern can look at: the sum of its upper bounds. */
function bounds(pattern: string): number {
  return [...pattern.matchAll(/\{(?:\d+,)?(\d+)\}/g)].reduce(
    (sum, [, most]) => sum + Number(most),
    0,
  );
}

const madeUpWords =
  /(?:your|example|placeholder|redacted|insert|change)[-_]?(?:me|api|key|token|secret|here|my)/i;

/** True for what documentation writes in a token's place: `sk-xxxxxxxx`, `ghp_your_token_here`. */
export function isMadeUp(token: string): boolean {
  if (/([xX*.0_-])\1{9}/.test(token)) return true;
  if (madeUpWords.test(token)) return true;
  return new Set(token.slice(4)).size < 4;
}

/** True if a run of 16 letters and digits holds both: words joined by dashes do not. */
export function hasRandomRun(token: string): boolean {
  return (token.match(/[A-Za-z0-9]{16,300}/g) ?? []).some(
    (run) => /\d/.test(run) && /[A-Za-z]/.test(run),
  );
}

function areTokenBytes(bytes: Uint8Array, from: number, to: number): boolean {
  if (from < 0 || to > bytes.length) return false;
  for (let i = from; i < to; i += 1) if (tokenByte[bytes[i] ?? 0] === 0) return false;
  return true;
}
