/**
 * A text as some level of escaping shows it.
 *
 * All text of the gate is UTF-8 held one byte a character (latin1), so that a place in it is a
 * place in bytes whatever the bytes are, valid or not.
 */
export interface View {
  readonly bytes: Buffer;
  readonly text: string;
  /** Offset in the bytes it was made of, for each byte and for the end; null: the same. */
  readonly at: Uint32Array | null;
}

/** Views of `bytes` as they are. */
export function plainView(bytes: Buffer): View {
  return { bytes, text: bytes.toString("latin1"), at: null };
}

/** Where in the original bytes the character `index` of the view stands. */
export function originOf(view: View, index: number): number {
  return view.at === null ? index : (view.at[index] ?? 0);
}

const backslash = 0x5c;
const simpleEscapes: ReadonlyMap<number, number> = new Map(
  Object.entries({
    '"': '"',
    "\\": "\\",
    "/": "/",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
  }).map(([letter, meaning]) => [letter.charCodeAt(0), meaning.charCodeAt(0)]),
);

/**
 * The view with one level of JSON escapes undone, or null where there is none to undo.
 *
 * What is not an escape of JSON stays as it is.
 */
export function unescapedView(view: View): View | null {
  const { bytes } = view;
  let slash = bytes.indexOf(backslash);
  if (slash < 0) return null;
  const out = Buffer.allocUnsafe(bytes.length);
  const at = new Uint32Array(bytes.length + 1);
  let length = 0;
  let read = 0;
  let changed = false;
  while (slash >= 0) {
    const escape = escapeAt(bytes, slash);
    // A backslash that starts no escape is copied with what follows it.
    const runEnd = escape === null ? slash + 1 : slash;
    length = copyRun(view, { from: read, to: runEnd }, { out, at, length });
    read = runEnd;
    if (escape !== null) {
      changed = true;
      const wrote = writeUtf8(out, length, escape.codePoint);
      at.fill(originOf(view, slash), length, length + wrote);
      length += wrote;
      read = slash + escape.size;
    }
    slash = bytes.indexOf(backslash, read);
  }
  if (!changed) return null;
  length = copyRun(view, { from: read, to: bytes.length }, { out, at, length });
  at[length] = originOf(view, bytes.length);
  const kept = out.subarray(0, length);
  return { bytes: kept, text: kept.toString("latin1"), at: at.subarray(0, length + 1) };
}

interface Output {
  readonly out: Buffer;
  readonly at: Uint32Array;
  readonly length: number;
}

/** Copies bytes as they are; returns the new length of the output. */
function copyRun(
  view: View,
  run: { readonly from: number; readonly to: number },
  to: Output,
): number {
  const { out, at, length } = to;
  view.bytes.copy(out, length, run.from, run.to);
  const size = run.to - run.from;
  if (view.at === null) {
    for (let i = 0; i < size; i += 1) at[length + i] = run.from + i;
  } else {
    at.set(view.at.subarray(run.from, run.to), length);
  }
  return length + size;
}

/** The view without the NUL bytes that UTF-16 has between letters, or null if it has none. */
export function withoutNulView(view: View): View | null {
  const { bytes } = view;
  let nul = nextSpacing(bytes, 0);
  if (nul < 0) return null;
  const out = Buffer.allocUnsafe(bytes.length);
  const at = new Uint32Array(bytes.length + 1);
  let length = 0;
  for (let from = 0; from <= bytes.length;) {
    const to = nul < 0 ? bytes.length : nul;
    length = copyRun(view, { from, to }, { out, at, length });
    from = to + 1;
    nul = nextSpacing(bytes, from);
  }
  at[length] = originOf(view, bytes.length);
  const kept = out.subarray(0, length);
  return { bytes: kept, text: kept.toString("latin1"), at: at.subarray(0, length + 1) };
}

function nextSpacing(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0, from);
  while (at >= 0 && !isSpacing(bytes, at)) at = bytes.indexOf(0, at + 1);
  return at;
}

/** True for one of three or more NULs at every second place: text in UTF-16, not a stray byte. */
function isSpacing(bytes: Buffer, at: number): boolean {
  const [before2, before1, after1, after2] = [-4, -2, 2, 4].map((step) => bytes[at + step] === 0);
  if (before1 === true) return before2 === true || after1 === true;
  return after1 === true && after2 === true;
}

interface Escape {
  readonly codePoint: number;
  /** Bytes it takes. */
  readonly size: number;
}

function escapeAt(bytes: Buffer, at: number): Escape | null {
  const letter = bytes[at + 1] ?? 0;
  const simple = simpleEscapes.get(letter);
  if (simple !== undefined) return { codePoint: simple, size: 2 };
  const high = unicodeEscapeAt(bytes, at);
  if (high < 0) return null;
  if (high < 0xd800 || high > 0xdbff || bytes[at + 6] !== backslash) {
    return { codePoint: high, size: 6 };
  }
  const low = unicodeEscapeAt(bytes, at + 6);
  if (low < 0xdc00 || low > 0xdfff) return { codePoint: high, size: 6 };
  return { codePoint: 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), size: 12 };
}

/** The code unit of the `\uXXXX` at `at`, or -1. */
function unicodeEscapeAt(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== 0x75 || at + 6 > bytes.length) return -1;
  const digits = bytes.toString("latin1", at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function writeUtf8(out: Buffer, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    out[at] = codePoint;
    return 1;
  }
  if (codePoint < 0x800) {
    out[at] = 0xc0 | (codePoint >> 6);
    out[at + 1] = 0x80 | (codePoint & 0x3f);
    return 2;
  }
  if (codePoint < 0x1_0000) {
    out[at] = 0xe0 | (codePoint >> 12);
    out[at + 1] = 0x80 | ((codePoint >> 6) & 0x3f);
    out[at + 2] = 0x80 | (codePoint & 0x3f);
    return 3;
  }
  out[at] = 0xf0 | (codePoint >> 18);
  out[at + 1] = 0x80 | ((codePoint >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((codePoint >> 6) & 0x3f);
  out[at + 3] = 0x80 | (codePoint & 0x3f);
  return 4;
}
