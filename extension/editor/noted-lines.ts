import type { Edit } from "./edit-shape.ts";

export type LineRange = readonly [start: number, end: number];

/** What becomes of the lines that a change touches: noted, left as they are, or no longer noted. */
export type Touch = "note" | "keep" | "drop";

/**
 * 1-based lines of a text that something was noted of; they move with what is changed around them,
 * and go when they are deleted.
 */
export class NotedLines {
  #lines = new Set<number>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  /** Moves the lines as a change does. */
  apply(edits: readonly Edit[], touch: Touch): void {
    // From the end, so that each place still counts in the text before.
    const ordered = edits.toSorted((a, b) => b.rangeOffset - a.rangeOffset);
    for (const edit of ordered) {
      this.#shift(edit);
      if (touch === "keep") continue;
      for (const line of linesOf(edit)) {
        if (touch === "note") this.#lines.add(line);
        else this.#lines.delete(line);
      }
    }
  }

  /** Neighbouring lines joined to ranges, both ends included, ascending. */
  ranges(): readonly LineRange[] {
    const ranges: [number, number][] = [];
    for (const line of [...this.#lines].toSorted((a, b) => a - b)) {
      const last = ranges.at(-1);
      if (last !== undefined && line <= last[1] + 1) last[1] = line;
      else ranges.push([line, line]);
    }
    return ranges;
  }

  #shift(edit: Edit): void {
    const moved = [...this.#lines].flatMap((line) => movedLine(line, edit) ?? []);
    this.#lines = new Set(moved);
  }
}

/** Where a line stands after a change; null if nothing of it is left. */
function movedLine(line: number, { range, text }: Edit): number | null {
  const first = range.start.line + 1;
  const last = range.end.line + 1;
  const tail = first + newlines(text);
  if (line < first) return line;
  if (line > last) return line + tail - last;
  // What stands behind the change goes to its end, what stands before it stays.
  if (line === first && range.start.character > 0) return line;
  return line === last ? tail : null;
}

/** Lines that a change put in or touched; one that it only pushed up or down is none of them. */
function linesOf({ range, text }: Edit): number[] {
  const isWholeLines = range.start.character === 0 && range.end.character === 0;
  const isPushing = isWholeLines && (text === "" || text.endsWith("\n"));
  const count = newlines(text) + (isPushing ? 0 : 1);
  return Array.from({ length: count }, (_, i) => range.start.line + 1 + i);
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}
