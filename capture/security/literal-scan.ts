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

const pairCount = 0x1_00_00;
/** Two bytes as the machine's own byte order reads them. */
const pairBytes = new Uint8Array(2);
const pairValue = new Uint16Array(pairBytes.buffer);

/**
 * Finds every place of many literals in one pass that looks at every second pair of bytes.
 *
 * A literal of three bytes or more covers a pair at an even and one at an odd place, so a table of
 * the rarest of each finds it wherever it starts. Reading pairs by a fixed stride keeps the loop
 * free of waiting: tables that say how far to skip were four times slower. No allocation in the
 * loop.
 */
export class LiteralScanner {
  /** Number of a pair that is looked for, 0 for others; the next three tables are by it. */
  readonly #numbers = new Uint16Array(pairCount);
  /** Which bytes, by their low five bits, stand before and after a pair in some literal. */
  readonly #before: Int32Array;
  readonly #after: Int32Array;
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
    this.#after = new Int32Array(entriesMax);
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
    const numbers = this.#numbers;
    const before = this.#before;
    const after = this.#after;
    const end = Math.min(bytes.length, range.to + this.#longestBytes);
    const start = range.from + ((bytes.byteOffset + range.from) & 1);
    if (end - start < 2) return false;
    const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset + start, (end - start) >> 1);
    for (let i = 0; i < pairs.length; i += 1) {
      // Safe: i is in range, and the table has an entry for every pair.
      const pair = numbers[pairs[i] as number] as number;
      if (pair === 0) continue;
      const at = start + 2 * i;
      // Outside of the bytes the shift is by nothing, which decides nothing: no literal lies there.
      const fits =
        ((after[pair] ?? 0) >>> ((bytes[at + 2] ?? 0) & 31)) &
        ((before[pair] ?? 0) >>> ((bytes[at - 1] ?? 0) & 31));
      if ((fits & 1) === 0) continue;
      for (let entry = this.#head[pair] ?? 0; entry !== 0; entry = this.#entryNext[entry] ?? 0) {
        const from = at - (this.#entryPairAt[entry] ?? 0);
        const literal = this.#entryLiteral[entry] ?? 0;
        if (from < range.from || from >= range.to || !this.#stands(literal, bytes, from)) continue;
        if (visit(literal, from)) return true;
      }
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
      this.#after[pair] =
        (this.#after[pair] ?? 0) | (isLast ? -1 : 1 << ((this.#lower[at + 2] ?? 0) & 31));
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

function pairOf(first: number, second: number): number {
  pairBytes[0] = first;
  pairBytes[1] = second;
  return pairValue[0] ?? 0;
}

function rarestPair(text: string, parity: number): number {
  let best = parity;
  let bestFrequency = Number.POSITIVE_INFINITY;
  for (let i = parity; i + 2 <= text.length; i += 2) {
    const frequency = frequencyOf(text.slice(i, i + 2));
    if (frequency < bestFrequency) [best, bestFrequency] = [i, frequency];
  }
  return best;
}

/** Characters from the commonest to the rarest, in transcripts; what is not listed is rare. */
const byFrequency = ' etaonisr"lhdcu0_,:m1f/.2p-3g45678w9ybvkxjqz';
const commonPairs =
  "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve " +
  "co me de hi ri ro ic ne ea ra";

/** How often a pair is met, on no scale in particular. */
function frequencyOf(pair: string): number {
  const [first, second] = [pair.charAt(0), pair.charAt(1)].map((char) => {
    const place = byFrequency.indexOf(char);
    return place < 0 ? 0.2 : 10 / (place + 4);
  });
  // Runs of one letter are rare in words and everywhere in base64.
  const base64 = /([A-Z])\1/.test(pair) ? 40 : 1;
  return base64 * (first ?? 0) * (second ?? 0) * (commonPairs.includes(pair.toLowerCase()) ? 4 : 1);
}
