import type { LineEvidence, Owner } from "../model/trail.ts";

/** Who wrote a line, as far as the change itself tells. */
export interface Attribution {
  readonly owner: Owner;
  readonly evidence: LineEvidence;
}

export interface Descent {
  readonly birth: number;
  readonly how: "replaced" | "moved" | "copied" | "derived";
}

/** An earlier line that a line says again in other line breaks, together with others or alone. */
export interface Piece {
  readonly birth: number;
  /** Lines that it takes to say all of the earlier one. */
  readonly of: number;
}

/** The first appearance of one line; copies of its id stand wherever the line lives on. */
export interface Birth {
  readonly text: string;
  /**
   * Null where no change tells: the line was there when the path was first seen, or nobody saw it.
   */
  readonly attribution: Attribution | null;
  /** Ordinal of the change that brought it in; -1 for lines that no change of ours did. */
  readonly change: number;
  /** 0-based line in the content it was born into. */
  readonly line: number;
  /** Earlier lines that it took the place of, nearest first. */
  readonly ancestors: readonly Descent[];
  /** Lines that it is, token by token, since a reflow broke or joined them. */
  readonly pieces?: readonly Piece[];
  /**
   * When a snapshot first saw a line that no commit held and nobody's window covers; else null.
   */
  readonly seenAtMs: number | null;
  /** True if git brought it: a merge, a conflict, a branch that was checked out. */
  readonly isBrought: boolean;
}

/** Where a line stands or stood: the ids of its neighbours there, -1 at the file's ends. */
interface Place {
  readonly previous: number;
  readonly next: number;
}

interface Burial {
  readonly id: number;
  readonly death: Place;
}

/** Every line that was ever seen of some paths, numbered in order of birth. */
export class Births {
  #births: Birth[] = [];
  #hasPieces = false;
  readonly #burials: Burial[] = [];
  readonly #deaths = new Map<number, Place>();
  readonly #deadByText = new Map<string, number[]>();
  readonly #places = new Map<number, Place>();
  readonly #placedByText = new Map<string, number[]>();

  get count(): number {
    return this.#births.length;
  }

  /** True once a reflow broke or joined a line. */
  get hasPieces(): boolean {
    return this.#hasPieces;
  }

  add(birth: Birth): number {
    if (birth.pieces !== undefined) this.#hasPieces = true;
    this.#births.push({ ...birth, text: ownCopy(birth.text) });
    return this.#births.length - 1;
  }

  /** Throws for an id that was never given out. */
  get(id: number): Birth {
    const birth = this.#births[id];
    if (birth === undefined) throw new Error(`Broken assumption: no birth ${id}`);
    return birth;
  }

  /** Notes between which lines a line first stood. */
  place(id: number, place: Place): void {
    this.#places.set(id, place);
    noteText(this.#placedByText, this.get(id).text, id);
  }

  bury(id: number, death: Place): void {
    this.#burials.push({ id, death });
    if (!this.#deaths.has(id)) noteText(this.#deadByText, this.get(id).text, id);
    this.#deaths.set(id, death);
  }

  placeOf(id: number): Place | undefined {
    return this.#places.get(id);
  }

  deathOf(id: number): Place | undefined {
    return this.#deaths.get(id);
  }

  /** Lines of this text whose first place is known, oldest first; they live in some version. */
  placedWithText(text: string): readonly number[] {
    return this.#placedByText.get(text) ?? [];
  }

  /** Lines of this text that went away at some time, oldest first; they may have come back. */
  deadWithText(text: string): readonly number[] {
    return this.#deadByText.get(text) ?? [];
  }

  /** Times that a line went away. */
  get burials(): number {
    return this.#burials.length;
  }

  /** These births as they were when there were so many, and so many had gone. */
  upTo(count: number, burials: number): Births {
    const earlier = new Births();
    earlier.#births = this.#births.slice(0, count);
    earlier.#hasPieces = this.#hasPieces;
    for (const [id, place] of this.#places) if (id < count) earlier.place(id, place);
    for (const { id, death } of this.#burials.slice(0, burials)) earlier.bury(id, death);
    return earlier;
  }

  /** Drops what was born after the first `count`, and answers it: a question leaves no trace. */
  cutTo(count: number): readonly Birth[] {
    return this.#births.splice(count);
  }
}

function noteText(byText: Map<string, number[]>, text: string, id: number): void {
  const known = byText.get(text);
  if (known === undefined) byText.set(text, [id]);
  else known.push(id);
}

/** The same text, without the larger text that it was cut out of and would keep in memory. */
export function ownCopy(line: string): string {
  return Buffer.from(line, "utf8").toString("utf8");
}
