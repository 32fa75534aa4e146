import type { TraceId } from "../model/ids.ts";
import { Births, type Birth } from "./births.ts";
import { carry, type Carried, type LineState, lineMarks, noLines, type Source } from "./carry.ts";
import type { Cause } from "./cause.ts";
import { KeptVersion, type Sighting } from "./kept-version.ts";
import { hasKeyedLines, sharedEnds, withKeyedLines } from "./text-lines.ts";

/** One side of a change: equal keys mean equal content. */
export interface LedgerSide {
  readonly key: string;
  /** Null for what cannot be owned line by line, and for what can no longer be read. */
  readonly lines: readonly string[] | null;
}

/** One change of one path, ready to be replayed. */
export interface LedgerChange {
  readonly patch: string;
  readonly trace: TraceId;
  readonly path: string;
  readonly from: string | null;
  /** Null where there was no file, undefined where what was there is not recorded. */
  readonly before: LedgerSide | null | undefined;
  readonly after: LedgerSide | null;
  readonly cause: Cause;
  readonly atMs: number;
  /** Time of the snapshot before it; null for what a transcript recorded. */
  readonly sinceMs: number | null;
  /** Work tree that it happened in. */
  readonly root: string;
  /** What git had to do with it; absent where nothing is known of that. */
  readonly git: GitPart | undefined;
}

/** 0-based lines of a content. */
export interface LineSet {
  has(line: number): boolean;
}

const none: LineSet = { has: () => false };

/** The part that git itself had in a change, by 0-based lines of its two sides. */
export interface GitPart {
  /** Lines after that git brought: from commits, from a stash, of a conflict. */
  readonly brought: LineSet;
  /** True if git did all of it, and nobody took anything away: a checkout, a pull, a merge. */
  readonly isWhole: boolean;
  /** Lines before and lines after that HEAD's commit held at that time. */
  readonly heldBefore: LineSet;
  readonly heldAfter: LineSet;
  /** True if HEAD moved meanwhile. */
  readonly hasMoved: boolean;
  /** True if the content after is the one of HEAD's commit, or neither has one. */
  readonly isHeads: boolean;
}

/** A content of a path that was seen, with the birth of each line. */
export interface Version extends LineState, Sighting {}

/** What one change did to the lines. */
export interface Effect {
  readonly change: LedgerChange;
  readonly before: LineState;
  readonly after: LineState;
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/** A content that is asked about: each line with its birth, and how it came to stand there. */
export interface Resolved {
  readonly lines: readonly string[];
  /** Birth of a line by its 0-based index; undefined beyond the last. */
  readonly birthAt: (index: number) => Birth | undefined;
  /** Id of each line's birth; -1 for a line that no version has. */
  readonly ids: Int32Array;
  readonly marks: Uint8Array;
  /** True if this very content was seen before. */
  readonly isKnown: boolean;
  /** As `ids`, with numbers from the ledger's count on for the lines of `passed`. */
  readonly allIds: Int32Array;
  /** Births of lines that no version has: they are of this content alone. */
  readonly passed: readonly Birth[];
}

interface Counts {
  readonly births: number;
  readonly burials: number;
  readonly versions: number;
}

/** Versions that are compared with a content that is not known, to find the nearest. */
const comparedVersionsMax = 12;

/** A version that has this share of the content's lines is near enough to look no further. */
const nearShareMin = 0.95;

/** Lines known by their hash stand for others, which read otherwise. */
const nothingExact = new Int32Array(0);

let nextSerial = 1;

/** A question about a content, which leaves no trace. */
const passing: Source = { change: -1, seenAtMs: null, isPassing: true, attribute: () => null };

/**
 * Everything known of a path and of those it was renamed from: the versions that were seen, and for
 * each line of them the change that brought it in. Built by replaying changes in order of time.
 */
export class PathLedger {
  /** Unlike that of every other ledger of this process: names what was derived from this one. */
  readonly serial = nextSerial++;
  readonly births: Births;
  readonly effects: Effect[] = [];
  /** What there was after each effect. */
  readonly #counts: Counts[] = [];
  readonly #versions: KeptVersion[] = [];
  readonly #byKey = new Map<string, KeptVersion>();
  readonly #hashOf: (line: string) => string;

  /** `hashOf` is the keyed hash by which lines that gate 1 redacted are recognised. */
  constructor(hashOf: (line: string) => string, births = new Births()) {
    this.#hashOf = hashOf;
    this.births = births;
  }

  /** Another ledger, as this one was after so many effects; this one stays what it is. */
  upTo(effects: number): PathLedger {
    const counts = this.#counts[effects - 1] ?? { births: 0, burials: 0, versions: 0 };
    const births = this.births.upTo(counts.births, counts.burials);
    const earlier = new PathLedger(this.#hashOf, births);
    earlier.effects.push(...this.effects.slice(0, effects));
    earlier.#counts.push(...this.#counts.slice(0, effects));
    for (const version of this.#versions.slice(0, counts.versions)) {
      version.moveTo(births);
      earlier.#versions.push(version);
      const name = nameOf(version.path, version.key);
      if (!earlier.#byKey.has(name)) earlier.#byKey.set(name, version);
    }
    return earlier;
  }

  get versions(): readonly Version[] {
    return this.#versions;
  }

  /** Replays the next change. A content that is known already keeps the owners that it had. */
  replay(change: LedgerChange): void {
    const ordinal = this.effects.length;
    const before = this.#stateBefore(change);
    if (change.after === null) {
      const source = { change: ordinal, seenAtMs: null, attribute: () => null };
      const { removed } = carry(this.births, before, [], source);
      this.#note({ change, before, after: noLines, added: [], removed });
      return;
    }
    const known = this.#known(change.path, change.after.key);
    if (known !== undefined) {
      this.#touch(known, change);
      this.#note({ change, before, after: known, ...differenceOf(before, known) });
      return;
    }
    if (change.after.lines === null) {
      this.#note({ change, before, after: noLines, added: [], removed: [] });
      return;
    }
    const seenAtMs = change.sinceMs === null ? null : change.atMs;
    const { git, cause: attribute } = change;
    const isHeld = (index: number): boolean => git?.heldAfter.has(index) ?? false;
    const isBrought = (index: number): boolean => git?.brought.has(index) ?? false;
    const source: Source = { change: ordinal, seenAtMs, isHeld, isBrought, attribute };
    const told = asTold(before, change);
    const carried = this.#carry(told, change.after.lines, source);
    const isRename = change.from !== null && change.from !== change.path;
    const marks = isRename ? markAll(carried.marks, carried.added, carried.ids) : carried.marks;
    const after = this.#remember(change, change, change.after.key, {
      carried: { ...carried, marks },
      before: told,
    });
    this.#note({ change, before, after, added: carried.added, removed: carried.removed });
  }

  /** Keeps what a change did, without the texts and line sets that it was told by. */
  #note(effect: Effect): void {
    const { change } = effect;
    const whole = change.cause("", -1);
    const git = change.git && { ...change.git, brought: none, heldBefore: none, heldAfter: none };
    const before = sideWithout(change.before, effect.before);
    const after = sideWithout(change.after, effect.after) ?? null;
    this.effects.push({ ...effect, change: { ...change, before, after, git, cause: () => whole } });
    const { count, burials } = this.births;
    this.#counts.push({ births: count, burials, versions: this.#versions.length });
  }

  /**
   * The births of a content's lines: as they were where it is known, else from the nearest version.
   */
  resolve(
    path: string,
    content: LedgerSide & { readonly lines: readonly string[] },
    hints: { readonly root?: string; readonly atMs?: number } = {},
  ): Resolved {
    const known = this.#known(path, content.key);
    if (known !== undefined) {
      const { ids, marks } = known;
      return this.#resolved({ lines: content.lines, ids, marks }, [], true);
    }
    const nearest = this.#nearest(path, content.lines, hints) ?? noLines;
    const count = this.births.count;
    const carried = this.#carry(nearest, content.lines, passing);
    return this.#resolved(carried, this.births.cutTo(count), false);
  }

  /** The births of a content's lines where that very content was seen; undefined where not. */
  idsOf(path: string, key: string): Int32Array | undefined {
    return this.#known(path, key)?.ids;
  }

  /** As {@link PathLedger.resolve}, for a text that somebody is changing right now. */
  resolveAfter(before: Resolved, lines: readonly string[]): Resolved {
    const count = this.births.count;
    for (const birth of before.passed) this.births.add(birth);
    const carried = carry(this.births, { ...before, ids: before.allIds }, lines, passing);
    return this.#resolved(carried, this.births.cutTo(count), false);
  }

  #resolved(
    { lines, ids, marks }: LineState,
    passed: readonly Birth[],
    isKnown: boolean,
  ): Resolved {
    const count = this.births.count;
    const birthAt = this.#lookup(ids, passed);
    const lasting = passed.length === 0 ? ids : ids.map((id) => (id < count ? id : -1));
    return { lines, birthAt, ids: lasting, marks, isKnown, allIds: ids, passed };
  }

  /** Births by line: of those that stay, and of those that were born for one question only. */
  #lookup(ids: Int32Array, passed: readonly Birth[]): Resolved["birthAt"] {
    const count = this.births.count;
    return (index) => {
      const id = ids[index];
      if (id === undefined) return undefined;
      return id < count ? this.births.get(id) : passed[id - count];
    };
  }

  /** The content that a path had after the last change seen in a work tree, or anywhere. */
  latest(path: string, root?: string): Version | undefined {
    const inPath = this.#versions.filter((version) => version.path === path);
    return inPath.findLast((version) => version.root === root) ?? inPath.at(-1);
  }

  #stateBefore(change: LedgerChange): LineState {
    const path = change.from ?? change.path;
    if (change.before === null) return noLines;
    if (change.before === undefined) return this.latest(path, change.root) ?? noLines;
    const known = this.#known(path, change.before.key);
    if (known !== undefined) return known;
    if (change.before.lines === null) return noLines;
    return this.#found(change, path, { ...change.before, lines: change.before.lines });
  }

  /** A content that was simply there: what it shares with an earlier version is of that version. */
  #found(
    change: LedgerChange,
    path: string,
    side: LedgerSide & { lines: readonly string[] },
  ): Version {
    const hints = { root: change.root, atMs: change.atMs };
    const nearest = this.#nearest(path, side.lines, hints) ?? noLines;
    const isHeld = (index: number): boolean => change.git?.heldBefore.has(index) ?? false;
    const { sinceMs: seenAtMs } = change;
    const source: Source = { change: -1, seenAtMs, isHeld, attribute: () => null };
    const carried = this.#carry(nearest, side.lines, source);
    return this.#remember(change, { path }, side.key, { carried, before: nearest });
  }

  #carry(before: LineState, after: readonly string[], source: Source): Carried {
    if (hasKeyedLines(after)) {
      const lines = withKeyedLines(before.lines, after, this.#hashOf);
      const { ids, marks } = before;
      return { ...carry(this.births, { lines, ids, marks }, after, source), exact: nothingExact };
    }
    if (hasKeyedLines(before.lines)) {
      const keyed = withKeyedLines(after, before.lines, this.#hashOf);
      const carried = carry(this.births, before, keyed, source);
      return { ...carried, lines: after, exact: nothingExact };
    }
    return carry(this.births, before, after, source);
  }

  #remember(
    { atMs, root, trace }: LedgerChange,
    { path }: { readonly path: string },
    key: string,
    { carried, before }: { readonly carried: Carried; readonly before: LineState },
  ): KeptVersion {
    const from = { before, exact: carried.exact };
    const seen = { path, key, atMs, root, trace };
    const version = KeptVersion.of(this.births, seen, carried, from);
    this.#versions.push(version);
    this.#byKey.set(nameOf(path, key), version);
    return version;
  }

  /** A known content that is seen again is the latest of its work tree. */
  #touch(version: KeptVersion, { atMs, root, trace }: LedgerChange): void {
    this.#versions.push(version.again({ atMs, root, trace }));
  }

  #known(path: string, key: string): KeptVersion | undefined {
    return this.#byKey.get(nameOf(path, key));
  }

  #nearest(
    path: string,
    lines: readonly string[],
    hints: { readonly root?: string; readonly atMs?: number },
  ): Version | undefined {
    const candidates = this.#candidates(path, hints);
    const [first] = candidates;
    const enough = lines.length * nearShareMin;
    if (first === undefined || sharedEnds(first.lines, lines) >= enough) return first;
    const wanted = new Set(lines);
    let best: Version | undefined;
    let bestShared = -1;
    for (const version of candidates) {
      let shared = 0;
      for (const line of version.lines) if (wanted.has(line)) shared += 1;
      if (shared <= bestShared) continue;
      best = version;
      bestShared = shared;
      if (shared >= enough) return best;
    }
    return best;
  }

  /**
   * Of equally near versions the first counts: of the time asked about, of this work tree, of all.
   */
  #candidates(path: string, hints: { readonly root?: string; readonly atMs?: number }): Version[] {
    const inPath = this.#versions.filter((version) => version.path === path);
    const latest = inPath.toReversed();
    const { root, atMs } = hints;
    const lastOfTrace = new Map<TraceId, Version>();
    for (const version of latest) {
      if (!lastOfTrace.has(version.trace)) lastOfTrace.set(version.trace, version);
    }
    const chosen = new Set<Version>([
      ...latest.filter((version) => atMs !== undefined && version.atMs <= atMs).slice(0, 2),
      ...latest.filter((version) => version.root === root).slice(0, 2),
      ...latest.slice(0, 2),
      ...lastOfTrace.values(),
      ...latest.slice(2),
    ]);
    return [...chosen].slice(0, comparedVersionsMax);
  }
}

/**
 * A state with its lines as the change tells them: it shares strings with what comes after, which
 * therefore compare in no time.
 */
function asTold(state: LineState, { before }: LedgerChange): LineState {
  const isSame = state instanceof KeptVersion && before?.key === state.key;
  if (!isSame || before === null || before === undefined || before.lines === null) return state;
  if (hasKeyedLines(before.lines) || before.lines.length !== state.ids.length) return state;
  const { ids, marks, others } = state;
  return { lines: before.lines, ids, marks, others };
}

/** The side of a change by what is kept of it. */
function sideWithout(side: LedgerSide | null | undefined, state: LineState) {
  if (side === null || side === undefined || side.lines === null) return side;
  return {
    key: side.key,
    get lines() {
      return state.lines;
    },
  };
}

function nameOf(path: string, key: string): string {
  return `${path}\0${key}`;
}

/** Marks each line that came along from another path. */
function markAll(marks: Uint8Array, added: readonly number[], ids: Int32Array): Uint8Array {
  const born = new Set(added);
  return marks.map((mark, index) => (born.has(ids[index] ?? -1) ? mark : mark | lineMarks.renamed));
}

function differenceOf(before: LineState, after: LineState) {
  const stays = new Set(after.ids);
  return { added: [], removed: Array.from(before.ids).filter((id) => !stays.has(id)) };
}
