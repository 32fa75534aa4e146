import { matchSymbols } from "./line-match.ts";

/** Lines of one hunk that say the same before and after, broken differently. */
export interface Reflow {
  /** 0-based positions among the lines that were given, ascending. */
  readonly olds: readonly number[];
  readonly news: readonly number[];
  /** False where a formatter's own punctuation came or went. */
  readonly isExact: boolean;
}

/** Tokens of one hunk side above which nothing is compared. */
const tokensMax = 20_000;

/** What a formatter adds and drops when it breaks a line. */
const ownPunctuation: ReadonlySet<string> = new Set([",", ";", "(", ")", "\\"]);

/** Words that lines have to share to be known again where punctuation differs. */
const sharedWordsMin = 2;

/**
 * The groups of lines that a reflow broke or joined: token by token the same, apart from white
 * space and the kind of quotes. Groups of one line each are left to the comparison line by line.
 */
export function reflowsOf(olds: readonly string[], news: readonly string[]): readonly Reflow[] {
  if (olds.length === 0 || news.length === 0 || olds.length + news.length < 3) return [];
  const before = tokensOf(olds);
  const after = tokensOf(news);
  if (before.texts.length > tokensMax || after.texts.length > tokensMax) return [];
  const symbolOf = new Map<string, number>();
  const matchOf = matchSymbols(symbolsOf(before.texts, symbolOf), symbolsOf(after.texts, symbolOf));
  const groups = groupsOf(before, after, matchOf, [olds.length, news.length]);
  const matched = new Set(matchOf);
  const oldTally = tallyOf(before, (at) => matched.has(at));
  const newTally = tallyOf(after, (at) => (matchOf[at] ?? -1) >= 0);
  return groups.flatMap((group) => reflowOf(group, oldTally, newTally) ?? []);
}

interface Tokens {
  readonly texts: readonly string[];
  /** Position of each token's line. */
  readonly lineOf: readonly number[];
}

function tokensOf(lines: readonly string[]): Tokens {
  const texts: string[] = [];
  const lineOf: number[] = [];
  lines.forEach((line, position) => {
    for (const token of line.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? []) {
      texts.push(/^['"`]$/u.test(token) ? '"' : token);
      lineOf.push(position);
    }
  });
  return { texts, lineOf };
}

function symbolsOf(texts: readonly string[], symbolOf: Map<string, number>): Int32Array {
  return Int32Array.from(texts, (text) => {
    const known = symbolOf.get(text) ?? symbolOf.size;
    symbolOf.set(text, known);
    return known;
  });
}

interface Group {
  readonly olds: readonly number[];
  readonly news: readonly number[];
}

/** Lines that share matched tokens, directly or over others. */
function groupsOf(
  before: Tokens,
  after: Tokens,
  matchOf: Int32Array,
  [oldCount, newCount]: readonly [number, number],
): readonly Group[] {
  const parent = Int32Array.from({ length: oldCount + newCount }, (_, node) => node);
  const rootOf = (node: number): number => {
    let at = node;
    while (parent[at] !== at) at = parent[at] ?? at;
    return at;
  };
  matchOf.forEach((old, at) => {
    if (old < 0) return;
    parent[rootOf(before.lineOf[old] ?? 0)] = rootOf(oldCount + (after.lineOf[at] ?? 0));
  });
  const groups = new Map<number, { olds: number[]; news: number[] }>();
  for (let node = 0; node < oldCount + newCount; node += 1) {
    const root = rootOf(node);
    const group = groups.get(root) ?? { olds: [], news: [] };
    groups.set(root, group);
    if (node < oldCount) group.olds.push(node);
    else group.news.push(node - oldCount);
  }
  return [...groups.values()].filter(
    ({ olds, news }) => olds.length > 0 && news.length > 0 && olds.length + news.length > 2,
  );
}

/** Of each line, the tokens that have no match, and how many words have one. */
interface Tally {
  readonly strays: ReadonlyMap<number, readonly string[]>;
  readonly words: ReadonlyMap<number, number>;
}

function tallyOf({ texts, lineOf }: Tokens, isMatched: (at: number) => boolean): Tally {
  const strays = new Map<number, string[]>();
  const words = new Map<number, number>();
  texts.forEach((text, at) => {
    const line = lineOf[at] ?? 0;
    if (!isMatched(at)) strays.set(line, [...(strays.get(line) ?? []), text]);
    else if (/[\p{L}\p{N}]/u.test(text)) words.set(line, (words.get(line) ?? 0) + 1);
  });
  return { strays, words };
}

function reflowOf({ olds, news }: Group, before: Tally, after: Tally): Reflow | null {
  const strays = [
    ...olds.flatMap((line) => before.strays.get(line) ?? []),
    ...news.flatMap((line) => after.strays.get(line) ?? []),
  ];
  if (strays.length === 0) return { olds, news, isExact: true };
  const words = olds.reduce((sum, line) => sum + (before.words.get(line) ?? 0), 0);
  const isFormatting = strays.every((text) => ownPunctuation.has(text));
  return isFormatting && words >= sharedWordsMin ? { olds, news, isExact: false } : null;
}
