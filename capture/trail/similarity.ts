/** Two lines that share at least this part of their tokens are one line, changed. */
const derivedSimilarityMin = 0.5;

/** Pairs of lines that are compared at most within one hunk; beyond it position alone decides. */
const comparedPairsMax = 2_500;

/** Share of tokens, 0 to 1, that two lines have in common (Dice, white space left out). */
export function similarity(left: string, right: string): number {
  return diceOf(tokensOf(left), tokensOf(right));
}

export interface Kin {
  /** 0-based position among the old lines. */
  readonly old: number;
  readonly how: "derived" | "replaced";
}

/**
 * For each new line of a hunk, the old line that it came from: the most similar one, else the one
 * at its place, which it merely replaced; null where there were no old lines, and for blank new
 * lines.
 */
export function kinOf(olds: readonly string[], news: readonly string[]): readonly (Kin | null)[] {
  if (olds.length === 0) return news.map(() => null);
  const byPlace = (index: number): number => Math.floor((index * olds.length) / news.length);
  if (olds.length * news.length > comparedPairsMax) {
    return news.map((line, index) => {
      const old = byPlace(index);
      const isDerived = similarity(olds[old] ?? "", line) >= derivedSimilarityMin;
      return line.trim() === "" ? null : { old, how: isDerived ? "derived" : "replaced" };
    });
  }
  const oldTokens = olds.map(tokensOf);
  return news.map((line, index) => {
    if (line.trim() === "") return null;
    const tokens = tokensOf(line);
    let old = byPlace(index);
    let best = 0;
    oldTokens.forEach((candidate, position) => {
      const score = diceOf(candidate, tokens);
      if (score <= best || score < derivedSimilarityMin) return;
      best = score;
      old = position;
    });
    return { old, how: best > 0 ? "derived" : "replaced" };
  });
}

type Tokens = ReadonlyMap<string, number>;

function tokensOf(line: string): Tokens {
  const tokens = new Map<string, number>();
  for (const token of line.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? []) {
    tokens.set(token, (tokens.get(token) ?? 0) + 1);
  }
  return tokens;
}

function diceOf(left: Tokens, right: Tokens): number {
  let shared = 0;
  let total = 0;
  for (const [token, count] of left) {
    shared += Math.min(count, right.get(token) ?? 0);
    total += count;
  }
  for (const count of right.values()) total += count;
  return total === 0 ? 0 : (2 * shared) / total;
}
