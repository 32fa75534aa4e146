/** Text to look for, one character a byte. */
export interface Literal {
  readonly text: string;
  /** True if ASCII letters match in either case. */
  readonly anyCase: boolean;
}

/** Half-open range of offsets. */
export interface ScanRange {
  readonly from: number;
  readonly to: number;
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly range: ScanRange;
  readonly visit: (literal: number, at: number) => boolean;
}

const pairCount = 0x1_00_00;
/** Two bytes as the machine's own byte order reads them. */
const pairBytes = new Uint8Array(2);
const pairValue = new Uint16Array(pairBytes.buffer);

/** Position of the low five bits of a pair's first byte, as the machine reads it. */
const firstByteShift = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 8;

/**
 * Finds every place of many literals in one pass that looks at every second pair of bytes.
 *
 * A literal of three bytes or more covers a pair at an even and one at an odd place, so a table of
 * the rarest of each finds it wherever it starts. Reading pairs by a fixed stride keeps the loop
 * free of waiting: tables that say how far to skip were four times slower. The byte behind a pair
 * is asked in the same look, because one pair in ten would pass without it, and every pass that
 * comes to nothing costs more than ten that do not come. No allocation in the loop.
 */
export class LiteralScanner {
  /** By pair: which bytes, by their low five bits, stand behind it in some literal. */
  readonly #after = new Int32Array(pairCount);
  /** Number of a pair that is looked for, 0 for others; the next two tables are by it. */
  readonly #numbers = new Uint16Array(pairCount);
  /** Which bytes, by their low five bits, stand before a pair in some literal. */
  readonly #before: Int32Array;
  /** First entry of a pair's chain, 0 where there is none. */
  readonly #head: Int32Array;
  #pairsUsed = 0;
  /** Entry 0 ends every chain. An entry is a literal and the place of the pair in it. */
  readonly #entryLiteral: Int32Array;
  readonly #entryPairAt: Int32Array;
  readonly #entryNext: Int32Array;
  #entriesUsed = 0;
  /** All literals in a row, in both cases, and where each starts; one more start marks the end. */
  readonly #lower: Uint8Array;
  readonly #upper: Uint8Array;
  readonly #starts: Int32Array;
  readonly #longestBytes: number;

  constructor(literals: readonly Literal[]) {
    // Two parities, and four pairs where either case of both letters counts.
    const entriesMax = literals.length * 8 + 1;
    this.#before = new Int32Array(entriesMax);
    this.#head = new Int32Array(entriesMax);
    this.#entryLiteral = new Int32Array(entriesMax);
    this.#entryPairAt = new Int32Array(entriesMax);
    this.#entryNext = new Int32Array(entriesMax);
    const cased = (change: (text: string) => string): Uint8Array =>
      Uint8Array.from(
        Buffer.from(literals.map((l) => (l.anyCase ? change(l.text) : l.text)).join(""), "latin1"),
      );
    this.#lower = cased((text) => text.toLowerCase());
    this.#upper = cased((text) => text.toUpperCase());
    this.#starts = new Int32Array(literals.length + 1);
    literals.forEach((literal, index) => {
      this.#starts[index + 1] = (this.#starts[index] ?? 0) + literal.text.length;
      for (const parity of [0, 1]) this.#add(index, rarestPair(literal.text, parity));
    });
    this.#longestBytes = Math.max(0, ...literals.map((literal) => literal.text.length));
  }

  /**
   * Calls `visit` for each literal that starts in the range and lies within `bytes`; true from
   * `visit` ends the scan. Returns whether it was ended.
   */
  scan(
    bytes: Uint8Array,
    range: ScanRange,
    visit: (literal: number, at: number) => boolean,
  ): boolean {
    const after = this.#after;
    const end = Math.min(bytes.length, range.to + this.#longestBytes);
    const start = range.from + ((bytes.byteOffset + range.from) & 1);
    if (end - start < 2) return false;
    const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset + start, (end - start) >> 1);
    const scan = { bytes, range, visit };
    for (let i = nextFit(pairs, 0, after); i < pairs.length; i = nextFit(pairs, i + 1, after)) {
      if (this.#visit(pairs[i] ?? 0, start + 2 * i, scan)) return true;
    }
    return false;
  }

  /** Visits the literals that have `pair` at `at`; true if one of the visits ends the scan. */
  #visit(pair: number, at: number, { bytes, range, visit }: Scan): boolean {
    const number = this.#numbers[pair] ?? 0;
    // Before the bytes the shift is by nothing, which decides nothing: no literal lies there.
    if ((((this.#before[number] ?? 0) >>> ((bytes[at - 1] ?? 0) & 31)) & 1) === 0) return false;
    for (let entry = this.#head[number] ?? 0; entry !== 0; entry = this.#entryNext[entry] ?? 0) {
      const from = at - (this.#entryPairAt[entry] ?? 0);
      const literal = this.#entryLiteral[entry] ?? 0;
      if (from < range.from || from >= range.to || !this.#stands(literal, bytes, from)) continue;
      if (visit(literal, from)) return true;
    }
    return false;
  }

  #stands(literal: number, bytes: Uint8Array, at: number): boolean {
    const first = this.#starts[literal] ?? 0;
    const last = this.#starts[literal + 1] ?? 0;
    for (let i = first; i < last; i += 1) {
      const byte = bytes[at + i - first];
      if (byte !== this.#lower[i] && byte !== this.#upper[i]) return false;
    }
    return true;
  }

  #add(literal: number, pairAt: number): void {
    const first = this.#starts[literal] ?? 0;
    const last = this.#starts[literal + 1] ?? 0;
    const at = first + pairAt;
    const cases = [this.#lower, this.#upper];
    const values = new Set(
      cases.flatMap((a) => cases.map((b) => pairOf(a[at] ?? 0, b[at + 1] ?? 0))),
    );
    for (const value of values) {
      const pair = this.#numberOf(value);
      // The low five bits of a letter are the same in either case.
      const isFirst = pairAt === 0;
      const isLast = at + 2 >= last;
      this.#before[pair] =
        (this.#before[pair] ?? 0) | (isFirst ? -1 : 1 << ((this.#lower[at - 1] ?? 0) & 31));
      this.#after[value] =
        (this.#after[value] ?? 0) | (isLast ? -1 : 1 << ((this.#lower[at + 2] ?? 0) & 31));
      this.#entriesUsed += 1;
      const entry = this.#entriesUsed;
      this.#entryLiteral[entry] = literal;
      this.#entryPairAt[entry] = pairAt;
      this.#entryNext[entry] = this.#head[pair] ?? 0;
      this.#head[pair] = entry;
    }
  }

  #numberOf(value: number): number {
    const known = this.#numbers[value] ?? 0;
    if (known !== 0) return known;
    this.#pairsUsed += 1;
    this.#numbers[value] = this.#pairsUsed;
    return this.#pairsUsed;
  }
}

/** The next pair from `from` on that has a fitting byte behind it; the last one needs none. */
function nextFit(pairs: Uint16Array, from: number, after: Int32Array): number {
  const last = pairs.length - 1;
  let pair = pairs[from] ?? 0;
  for (let i = from; i < last; i += 1) {
    // Safe: i + 1 is in range.
    const next = pairs[i + 1] as number;
    // Safe: the table has an entry for every pair. A shift is by the low five bits.
    if ((((after[pair] as number) >>> (next >> firstByteShift)) & 1) !== 0) return i;
    pair = next;
  }
  return from <= last && after[pair] !== 0 ? last : pairs.length;
}

function pairOf(first: number, second: number): number {
  pairBytes[0] = first;
  pairBytes[1] = second;
  return pairValue[0] ?? 0;
}

function rarestPair(text: string, parity: number): number {
  let best = parity;
  let bestFrequency = Number.POSITIVE_INFINITY;
  for (let i = parity; i + 2 <= text.length; i += 2) {
    const frequency = frequencyOf(text.slice(i, i + 3));
    if (frequency < bestFrequency) [best, bestFrequency] = [i, frequency];
  }
  return best;
}

/** Characters from the commonest to the rarest, in transcripts; what is not listed is rare. */
const byFrequency = ' etaonisr"lhdcu0_,:m1f/.2p-3g45678w9ybvkxjqz';
const commonPairs =
  "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve " +
  "co me de hi ri ro ic ne ea ra";

/** How often a pair is met before the character behind it, if any; on no scale in particular. */
function frequencyOf(text: string): number {
  // Runs of one letter are rare in words and everywhere in base64, whatever stands behind them.
  if (/^([A-Z])\1/.test(text)) return 400;
  const [first = 0, second = 0, behind = 1] = text.split("").map((char) => {
    const place = byFrequency.indexOf(char);
    return place < 0 ? 0.02 : 1 / (place + 4);
  });
  const isCommon = commonPairs.includes(text.slice(0, 2).toLowerCase());
  return first * second * behind * (isCommon ? 4 : 1);
}
