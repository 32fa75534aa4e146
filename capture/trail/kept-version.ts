import type { TraceId } from "../model/ids.ts";
import { type Births, ownCopy } from "./births.ts";
import { type LineState, noLines } from "./carry.ts";

/** Where and when a content of a path was seen. */
export interface Sighting {
  readonly path: string;
  readonly key: string;
  readonly atMs: number;
  readonly root: string;
  readonly trace: TraceId;
}

/**
 * A content of a path that was seen, with the birth of each line.
 *
 * Its text is not kept but put together from the births when it is asked for: a thousand versions
 * of a large file would hold a gigabyte otherwise.
 */
export class KeptVersion implements LineState, Sighting {
  readonly path: string;
  readonly key: string;
  readonly atMs: number;
  readonly root: string;
  readonly trace: TraceId;
  readonly ids: Int32Array;
  readonly marks: Uint8Array;
  #births: Births;
  /** Lines that read otherwise than when they were born: re-indented, requoted. */
  readonly others: ReadonlyMap<number, string>;
  #lines: WeakRef<readonly string[]> | undefined;

  private constructor(
    births: Births,
    seen: Sighting,
    { ids, marks, others }: Required<Omit<LineState, "lines">>,
  ) {
    this.path = seen.path;
    this.key = seen.key;
    this.atMs = seen.atMs;
    this.root = seen.root;
    this.trace = seen.trace;
    this.ids = ids;
    this.marks = marks;
    this.#births = births;
    this.others = others;
  }

  /**
   * `before` is what it came from, and `exact` the line of that which each line is, or -1: of those
   * it is known how they read.
   */
  static of(
    births: Births,
    seen: Sighting,
    { lines, ids, marks }: LineState,
    { before, exact }: { readonly before: LineState; readonly exact: Int32Array } = fromNothing,
  ): KeptVersion {
    const known = before.others;
    const others = new Map<number, string>();
    for (let index = 0; index < lines.length; index += 1) {
      const old = known === undefined ? -1 : (exact[index] ?? -1);
      if (old >= 0) {
        const other = known?.size === 0 ? undefined : known?.get(old);
        if (other !== undefined) others.set(index, other);
        continue;
      }
      const line = lines[index] ?? "";
      if (births.get(ids[index] ?? -1).text !== line) others.set(index, ownCopy(line));
    }
    const plain = marks.some((mark) => mark !== 0) ? marks : noMarks(marks.length);
    return new KeptVersion(births, seen, { ids, marks: plain, others });
  }

  get lines(): readonly string[] {
    const known = this.#lines?.deref();
    if (known !== undefined) return known;
    const lines: string[] = [];
    for (const id of this.ids) lines.push(this.#births.get(id).text);
    for (const [index, line] of this.others) lines[index] = line;
    this.#lines = new WeakRef(lines);
    return lines;
  }

  /** Reads its texts from births that begin like the ones it was made with, which may then go. */
  moveTo(births: Births): void {
    this.#births = births;
  }

  /** The same content, seen once more. */
  again(seen: Pick<Sighting, "atMs" | "root" | "trace">): KeptVersion {
    const { path, key, ids, marks, others } = this;
    return new KeptVersion(this.#births, { path, key, ...seen }, { ids, marks, others });
  }
}

const fromNothing = { before: noLines, exact: new Int32Array(0) };

let unmarked = new Uint8Array(0);

/** One array for all versions without a mark. */
function noMarks(length: number): Uint8Array {
  if (unmarked.length < length) unmarked = new Uint8Array(length);
  return unmarked.subarray(0, length);
}
