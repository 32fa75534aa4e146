import { blockLinesMin, isDistinctive } from "./distinctive.ts";
import { matchLines, normalisedLine } from "./line-diff.ts";

/** A text that somebody is known to have put into a file, with what stood around it. */
export interface WrittenText {
  readonly lines: readonly string[];
  /** By line: 1 for one that is new there, 0 for what only stands around it. */
  readonly isNew: Uint8Array;
  /** Lines that it took the place of. */
  readonly removed: readonly string[];
}

/** A file of which some lines look for their writer. */
export interface AskingFile {
  readonly lines: readonly string[];
  /** By line: 1 for one whose writer is not known. */
  readonly isOpen: Uint8Array;
  /** Hunks of the change that brought the lines in, 0-based, with the lines that they took away. */
  readonly hunks: readonly {
    readonly first: number;
    readonly count: number;
    readonly removed: readonly string[];
  }[];
}

/** Places at which one line is looked for at most; what is more common is no evidence. */
const placesMax = 48;

/** Words that stand in transcripts in place of what was taken out of them. */
const masks = /\[\[secret:[^\]]{1,80}\]\]|\[?<?\bREDACTED(?:_[A-Z_]+)?\b>?\]?|\*{4,}/u;

/** A file read for many questions: its lines without what a formatter may change. */
export class WrittenLines {
  readonly #file: AskingFile;
  readonly #keys: readonly string[];
  readonly #places = new Map<string, number[]>();

  constructor(file: AskingFile) {
    this.#file = file;
    this.#keys = file.lines.map(normalisedLine);
    this.#keys.forEach((key, at) => {
      if (key === "") return;
      const known = this.#places.get(key);
      if (known === undefined) this.#places.set(key, [at]);
      else known.push(at);
    });
  }

  /**
   * The lines that a text brought in, by 0-based index: blocks of it that stand in the file, what
   * lies between two of them in order, and a replacement where its lines took the old ones' place.
   * Neither white space nor the kind of quotes counts. Short common lines never match on their own.
   */
  broughtBy(text: WrittenText): readonly number[] {
    const keys = text.lines.map(normalisedLine);
    const matchOf = new Int32Array(keys.length).fill(-1);
    this.#matchBlocks(text, keys, matchOf);
    this.#matchBetween(keys, matchOf);
    if (!matchOf.some((place) => place >= 0)) this.#matchReplacement(text, keys, matchOf);
    const found: number[] = [];
    matchOf.forEach((place, at) => {
      if (place >= 0 && text.isNew[at] === 1 && this.#file.isOpen[place] === 1) found.push(place);
    });
    return found;
  }

  #matchBlocks(text: WrittenText, keys: readonly string[], matchOf: Int32Array): void {
    const taken = new Uint8Array(this.#keys.length);
    for (let at = 0; at < keys.length; at += 1) {
      const places = this.#places.get(keys[at] ?? "") ?? [];
      if (places.length === 0 || places.length > placesMax) continue;
      const [place, length] = this.#longest(text, keys, { at, places, taken });
      let back = 0;
      while (this.#isBefore(text, keys, { at: at - back, place: place - back, matchOf, taken })) {
        back += 1;
      }
      if (length === 0 || !this.#isProof(text.lines.slice(at - back, at + length), places))
        continue;
      for (let step = -back; step < length; step += 1) {
        matchOf[at + step] = place + step;
        taken[place + step] = 1;
      }
      at += length - 1;
    }
  }

  /** True if the lines above a pair are one as well: only a masked one was not found by itself. */
  #isBefore(
    text: WrittenText,
    keys: readonly string[],
    from: { at: number; place: number; matchOf: Int32Array; taken: Uint8Array },
  ): boolean {
    const at = from.at - 1;
    const place = from.place - 1;
    if (at < 0 || place < 0 || (from.matchOf[at] ?? -1) >= 0 || from.taken[place] === 1)
      return false;
    return this.#isSame(text, keys, at, place);
  }

  #isProof(lines: readonly string[], places: readonly number[]): boolean {
    return isDistinctive(lines) && (lines.length >= blockLinesMin || places.length === 1);
  }

  /** The longest run from line `at` on; of equally long ones that with most lines that ask. */
  #longest(
    text: WrittenText,
    keys: readonly string[],
    from: { at: number; places: readonly number[]; taken: Uint8Array },
  ): readonly [place: number, length: number] {
    let best: [number, number] = [0, 0];
    let bestOpen = -1;
    for (const place of from.places) {
      let length = 0;
      let open = 0;
      for (; from.at + length < keys.length; length += 1) {
        const to = place + length;
        if (from.taken[to] === 1 || !this.#isSame(text, keys, from.at + length, to)) break;
        if (text.isNew[from.at + length] === 1) open += this.#file.isOpen[to] ?? 0;
      }
      if (length < best[1] || (length === best[1] && open <= bestOpen)) continue;
      best = [place, length];
      bestOpen = open;
    }
    return best;
  }

  #isSame(text: WrittenText, keys: readonly string[], at: number, place: number): boolean {
    const key = this.#keys[place];
    if (key === undefined) return false;
    return keys[at] === key || isMaskedForm(text.lines[at] ?? "", this.#file.lines[place] ?? "");
  }

  /** What lies in order between two blocks, or beside one in its hunk, needs no other proof. */
  #matchBetween(keys: readonly string[], matchOf: Int32Array): void {
    const matched = [...matchOf.keys()].filter((at) => (matchOf[at] ?? -1) >= 0);
    const [first, last] = [matched[0], matched.at(-1)];
    if (first === undefined || last === undefined) return;
    const top = matchOf[first] ?? 0;
    const bottom = matchOf[last] ?? 0;
    this.#matchRange(keys, matchOf, { from: 0, to: first, top: this.#hunkAt(top)[0], bottom: top });
    matched.forEach((at, index) => {
      const next = matched[index + 1];
      if (next === undefined) return;
      const range = { from: at + 1, to: next, top: (matchOf[at] ?? 0) + 1 };
      this.#matchRange(keys, matchOf, { ...range, bottom: matchOf[next] ?? 0 });
    });
    const end = this.#hunkAt(bottom)[1];
    const rest = { from: last + 1, to: keys.length, top: bottom + 1, bottom: end };
    this.#matchRange(keys, matchOf, rest);
  }

  #matchRange(
    keys: readonly string[],
    matchOf: Int32Array,
    { from, to, top, bottom }: { from: number; to: number; top: number; bottom: number },
  ): void {
    if (to <= from || bottom <= top) return;
    const inner = matchLines(keys.slice(from, to), this.#keys.slice(top, bottom));
    inner.forEach((inText, step) => {
      if (inText >= 0) matchOf[from + inText] = top + step;
    });
  }

  /** The hunk around a line as its first line and the one behind its last; empty outside of any. */
  #hunkAt(place: number): readonly [number, number] {
    const around = this.#file.hunks.find(
      ({ first, count }) => place >= first && place < first + count,
    );
    return around === undefined ? [place, place] : [around.first, around.first + around.count];
  }

  /** A line that the text has in place of another, where the change put it in place of that one. */
  #matchReplacement(text: WrittenText, keys: readonly string[], matchOf: Int32Array): void {
    const news = [...text.isNew.keys()].filter((at) => text.isNew[at] === 1 && keys[at] !== "");
    const olds = text.removed.map(normalisedLine).filter((key) => key !== "");
    const [first = 0] = news;
    if (news.length === 0 || olds.length === 0) return;
    const fitting: number[] = [];
    for (const { first: from, count, removed } of this.#file.hunks) {
      const gone = new Set(removed.map(normalisedLine));
      if (!olds.every((key) => gone.has(key))) continue;
      for (let place = from; place + news.length <= from + count; place += 1) {
        if (news.every((at) => this.#keys[place + at - first] === keys[at])) fitting.push(place);
      }
    }
    const [place] = fitting;
    if (place === undefined || fitting.length > 1) return;
    for (const at of news) matchOf[at] = place + at - first;
  }
}

/** True if `masked` reads as the line, but for words that took the place of what it held. */
function isMaskedForm(masked: string, line: string): boolean {
  const parts = masked.split(masks);
  if (parts.length < 2) return false;
  const first = parts[0]?.trimStart() ?? "";
  const text = line.trim();
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1)) {
    const wanted = part.trimEnd();
    const found = wanted === "" ? at : text.indexOf(wanted, at);
    if (found < 0) return false;
    at = found + wanted.length;
  }
  const last = parts.at(-1)?.trimEnd() ?? "";
  return text.endsWith(last) && parts.join("").trim().length >= 4;
}

/** The lines of a text after a change of it, as {@link WrittenText} has them. */
export function writtenText(
  before: readonly string[] | null,
  lines: readonly string[],
): WrittenText {
  const isNew = new Uint8Array(lines.length).fill(1);
  if (before === null) return { lines, isNew, removed: [] };
  const matchOf = matchLines(before, lines);
  const kept = new Set(matchOf);
  matchOf.forEach((old, at) => {
    if (old >= 0) isNew[at] = 0;
  });
  return { lines, isNew, removed: before.filter((_, at) => !kept.has(at)) };
}
