import type { Writing } from "./read-writing.ts";

/** Lines of earlier texts that substitutions are tried on at most. */
const earlierLinesMax = 20_000;

/** Finds lines that a step made of others: by a name that it changed everywhere, or with `sed`. */
export class SubstitutedLines {
  readonly #removed: readonly string[];
  readonly #writings: readonly Writing[];

  constructor(
    hunks: readonly { readonly removed: readonly string[] }[],
    writings: readonly Writing[],
  ) {
    this.#removed = hunks.flatMap(({ removed }) => removed);
    this.#writings = writings;
  }

  /**
   * The open lines that come out where the step's substitution is made in a line which the change
   * took away, or which was written before.
   */
  broughtBy(writing: Writing, after: readonly string[], isOpen: Uint8Array): readonly number[] {
    const make = substitutionOf(writing);
    if (make === null) return [];
    const made = new Set<string>();
    const tryOn = (line: string): void => {
      const changed = make(line);
      if (changed !== line) made.add(changed.trim());
    };
    this.#removed.forEach(tryOn);
    let left = earlierLinesMax;
    for (const earlier of this.#writings) {
      if (earlier.atMs > writing.atMs || left <= 0) continue;
      left -= earlier.text.lines.length;
      earlier.text.lines.forEach(tryOn);
    }
    const found: number[] = [];
    after.forEach((line, at) => {
      if (isOpen[at] === 1 && line.trim() !== "" && made.has(line.trim())) found.push(at);
    });
    return found;
  }
}

function substitutionOf({ substitution }: Writing): ((line: string) => string) | null {
  if (substitution === null || substitution.before === "") return null;
  const { before, after, how } = substitution;
  if (how === "all") return (line) => line.replaceAll(before, () => after);
  const [, source = "", flags = ""] = /^\/([\s\S]*)\/([a-z]*)$/u.exec(before) ?? [];
  const expression = expressionOf(source, flags);
  return expression === null ? null : (line) => line.replace(expression, after);
}

/** Null for what is no expression here, or one that could take for ever. */
function expressionOf(source: string, flags: string): RegExp | null {
  // Repetition of a repetition is what makes an expression slow.
  if (source === "" || /[*+}]\)?[*+{]|\)[*+{]/u.test(source)) return null;
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}
