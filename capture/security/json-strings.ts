/** A string of a JSON document: the bytes between its quotes, and where it stands. */
export interface JsonString {
  readonly start: number;
  readonly end: number;
  readonly isKey: boolean;
  /** True if it has escapes. */
  readonly isEscaped: boolean;
}

/** Where in the document the walk is. */
export interface JsonPlace {
  /** Path of the current value, keys as {@link JsonVisitor} names them. */
  path(): (string | number)[];
  /** The key of the current member; of an element, the key of its array; null at the root. */
  readonly key: string | null;
  /** The string before this one in an array, or the value of a sibling called name or key. */
  readonly companion: string | null;
}

export interface JsonVisitor {
  /** Called for every string in document order. Returns the text that paths name a key by. */
  string(found: JsonString, place: JsonPlace): string;
}

interface Frame {
  readonly isArray: boolean;
  /** The key that led here. */
  readonly key: string | null;
  member: string;
  index: number;
  /** True between a key and its value. */
  hasKey: boolean;
  companion: string | null;
}

const quote = 0x22;
const backslash = 0x5c;
const namers: ReadonlySet<string> = new Set([
  "name",
  "key",
  "Name",
  "Key",
  "variable",
  "field",
  "header",
]);

/**
 * Walks the strings of the JSON in `bytes` without decoding anything else.
 *
 * Returns false, possibly after some visits, where the bytes are no JSON: a quote without its
 * partner, or anything but JSON outside of quotes. Several values in a row are accepted.
 */
export function walkJsonStrings(bytes: Buffer, visitor: JsonVisitor): boolean {
  const walk = new Walk();
  for (let i = 0; i < bytes.length;) {
    const byte = bytes[i] ?? 0;
    if (byte === quote) {
      const end = stringEnd(bytes, i + 1);
      if (end < 0) return false;
      walk.string(bytes, i + 1, end, visitor);
      i = end + 1;
    } else if (isPunctuation(byte)) {
      if (!walk.punctuation(byte)) return false;
      i += 1;
    } else if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) {
      i += 1;
    } else {
      const size = bareValueSize(bytes, i);
      if (size === 0) return false;
      i += size;
    }
  }
  return walk.isClosed();
}

class Walk implements JsonPlace {
  readonly #frames: Frame[] = [];
  #top: Frame | null = null;

  path(): (string | number)[] {
    return this.#frames.map((frame) => (frame.isArray ? frame.index : frame.member));
  }

  get key(): string | null {
    const top = this.#top;
    if (top === null) return null;
    return top.isArray ? top.key : top.member;
  }

  get companion(): string | null {
    return this.#top?.companion ?? null;
  }

  isClosed(): boolean {
    return this.#frames.length === 0;
  }

  string(bytes: Buffer, start: number, end: number, visitor: JsonVisitor): void {
    const top = this.#top;
    const isKey = top !== null && !top.isArray && !top.hasKey;
    const isEscaped = bytes.subarray(start, end).includes(backslash);
    if (isKey) {
      // The path of a key is that of its member, which has no name before the visitor gives one.
      top.member = "";
      top.member = visitor.string({ start, end, isKey, isEscaped }, this);
      return;
    }
    const text = visitor.string({ start, end, isKey, isEscaped }, this);
    if (top === null) return;
    if (top.isArray || namers.has(top.member)) top.companion = text;
  }

  /** Returns false where the brackets do not match. */
  punctuation(byte: number): boolean {
    const top = this.#top;
    switch (byte) {
      case 0x7b: // {
      case 0x5b: // [
        this.#open(byte === 0x5b);
        return true;
      case 0x7d: // }
      case 0x5d: // ]
        if (top === null || top.isArray !== (byte === 0x5d)) return false;
        this.#frames.pop();
        this.#top = this.#frames.at(-1) ?? null;
        return true;
      case 0x3a: // :
        if (top === null || top.isArray || top.hasKey) return false;
        top.hasKey = true;
        return true;
      default: // ,
        if (top === null) return false;
        if (top.isArray) top.index += 1;
        else top.hasKey = false;
        return true;
    }
  }

  #open(isArray: boolean): void {
    const key = this.key;
    this.#top = { isArray, key, member: "", index: 0, hasKey: false, companion: null };
    this.#frames.push(this.#top);
  }
}

function isPunctuation(byte: number): boolean {
  return (
    byte === 0x7b ||
    byte === 0x7d ||
    byte === 0x5b ||
    byte === 0x5d ||
    byte === 0x3a ||
    byte === 0x2c
  );
}

/** Offset of the quote that closes the string whose content starts at `from`, or -1. */
function stringEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(quote, from); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (at - 1 - slashes >= from && bytes[at - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** Bytes of the number or literal at `at`; 0 if there is none. */
function bareValueSize(bytes: Buffer, at: number): number {
  const match =
    /^(?:true|false|null|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][-+]?\d{1,4})?)(?![\w.+-])/.exec(
      bytes.toString("latin1", at, Math.min(bytes.length, at + 820)),
    );
  return match?.[0].length ?? 0;
}
