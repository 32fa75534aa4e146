import type { TraceId } from "../model/ids.ts";
import { type Births, ownCopy } from "./births.ts";
import type { LineState } from "./carry.ts";

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
  readonly #births: Births;
  /** Lines that read otherwise than when they were born: re-indented, requoted. */
  readonly #others: ReadonlyMap<number, string>;
  #lines: WeakRef<readonly string[]> | undefined;

  private constructor(
    births: Births,
    seen: Sighting,
    { ids, marks, others }: Pick<LineState, "ids" | "marks"> & { others: Map<number, string> },
  ) {
    this.path = seen.path;
    this.key = seen.key;
    this.atMs = seen.atMs;
    this.root = seen.root;
    this.trace = seen.trace;
    this.ids = ids;
    this.marks = marks;
    this.#births = births;
    this.#others = others;
  }

  static of(births: Births, seen: Sighting, { lines, ids, marks }: LineState): KeptVersion {
    const others = new Map<number, string>();
    lines.forEach((line, index) => {
      if (births.get(ids[index] ?? -1).text !== line) others.set(index, ownCopy(line));
    });
    const plain = marks.some((mark) => mark !== 0) ? marks : noMarks(marks.length);
    return new KeptVersion(births, seen, { ids, marks: plain, others });
  }

  get lines(): readonly string[] {
    const known = this.#lines?.deref();
    if (known !== undefined) return known;
    const lines: string[] = [];
    this.ids.forEach((id) => lines.push(this.#births.get(id).text));
    for (const [index, line] of this.#others) lines[index] = line;
    this.#lines = new WeakRef(lines);
    return lines;
  }

  /** The same content, seen once more. */
  again(seen: Pick<Sighting, "atMs" | "root" | "trace">): KeptVersion {
    const { path, key, ids, marks } = this;
    const others = new Map(this.#others);
    return new KeptVersion(this.#births, { path, key, ...seen }, { ids, marks, others });
  }
}

let unmarked = new Uint8Array(0);

/** One array for all versions without a mark. */
function noMarks(length: number): Uint8Array {
  if (unmarked.length < length) unmarked = new Uint8Array(length);
  return unmarked.subarray(0, length);
}
