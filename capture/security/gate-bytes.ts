import { reachBytesMax } from "./detectors/detector.ts";
import type { Finding, SecretFinder, Suspect } from "./find-secrets.ts";
import { type KeyedHash, placeholderOf } from "./redact.ts";
import { TextLines } from "./text-lines.ts";
import { plainView, unescapedView, type View } from "./views.ts";

/** Longest stretch that is looked at in one go, beside what its ends can see. */
const segmentBytes = 64 * 1024;
/** An anchor with a disguised letter may start this far from the disguise, or end. */
const anchorSlackBytes = 256;
/** Passes until nothing new is found. One does nearly always; the rest make gating idempotent. */
const passesMax = 4;

/** A line of text, of which a secret was taken. */
export interface RedactedLine {
  /** 0-based, within the text. */
  readonly index: number;
  /** Keyed hash of the raw line, without its line break. */
  readonly hash: string;
}

export interface GatedBytes {
  /** The same buffer where nothing was found. */
  readonly bytes: Buffer;
  readonly redactions: number;
  readonly lines: readonly RedactedLine[];
}

export interface GateBytesOptions {
  readonly finder: SecretFinder;
  readonly hash: KeyedHash;
  /** True if the bytes are the inside of a JSON string: lines are those of the decoded text. */
  readonly isJson: boolean;
  /** The places to look at, where they are known already. */
  readonly suspects?: readonly Suspect[];
  /** Adds findings that the bytes' place gives rise to; ranges are offsets into the bytes. */
  readonly more?: (view: View) => readonly Finding[];
}

/**
 * Replaces every secret in `raw` by a placeholder; every other byte stays as it is.
 *
 * Takes memory for one window beside the result. Line breaks are never taken out.
 */
export function gateBytes(raw: Buffer, options: GateBytesOptions): GatedBytes {
  let bytes = raw;
  let redactions = 0;
  const touched = new Set<number>();
  for (let pass = 0; pass < passesMax; pass += 1) {
    const findings = findingsOf(bytes, options, pass === 0);
    if (findings.length === 0) break;
    const lines = new TextLines(bytes, options.isJson);
    for (const finding of findings) {
      lines.moveTo(finding.start);
      touched.add(lines.index);
    }
    redactions += findings.length;
    bytes = replaced(bytes, findings, options);
  }
  return { bytes, redactions, lines: hashedLines(raw, touched, options) };
}

/** Hashes of raw lines by number; a redaction never changes a line's number. */
function hashedLines(
  raw: Buffer,
  touched: ReadonlySet<number>,
  { hash, isJson }: GateBytesOptions,
): RedactedLine[] {
  const lines = new TextLines(raw, isJson);
  return [...touched]
    .toSorted((a, b) => a - b)
    .map((index) => {
      lines.moveToLine(index);
      const line = raw.subarray(lines.from, lines.to);
      return { index, hash: hash(isJson ? viewOf(line, true).bytes : line) };
    });
}

function findingsOf(
  bytes: Buffer,
  options: GateBytesOptions,
  isFirst: boolean,
): readonly Finding[] {
  const { finder, isJson } = options;
  const suspects = (isFirst ? options.suspects : undefined) ?? finder.suspects(bytes);
  const found: Finding[] = [];
  for (const window of windowsAround(suspects, bytes)) {
    const accept = { from: window.first - window.from, to: window.last - window.from };
    const view = viewOf(bytes.subarray(window.from, window.to), isJson);
    for (const finding of finder.find(view, accept)) {
      found.push({
        ...finding,
        start: finding.start + window.from,
        end: finding.end + window.from,
      });
    }
  }
  if (isFirst && options.more !== undefined) found.push(...options.more(viewOf(bytes, isJson)));
  return joined(found);
}

interface Window {
  /** Bytes that are seen: `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** Bytes that anchors may start in: `[first, last)`. */
  readonly first: number;
  readonly last: number;
}

/** What has to be seen around the suspects, in pieces of bounded size. */
function* windowsAround(suspects: readonly Suspect[], bytes: Buffer): Generator<Window> {
  let window: Window | null = null;
  for (const { at, reach } of suspects) {
    const first = Math.max(0, at - anchorSlackBytes);
    const last = Math.min(bytes.length, at + anchorSlackBytes);
    const from = Math.max(0, first - reach.before);
    const to = Math.min(bytes.length, last + reach.after);
    const isNear: boolean =
      window !== null && from <= window.to && last - window.first <= segmentBytes;
    if (window !== null && !isNear) yield widened(window, bytes);
    window =
      window !== null && isNear
        ? {
            from: Math.min(from, window.from),
            to: Math.max(to, window.to),
            first: window.first,
            last,
          }
        : { from, to, first, last };
  }
  if (window !== null) yield widened(window, bytes);
}

/** Moves the ends of a window so that they cut neither an escape nor a word. */
function widened(window: Window, bytes: Buffer): Window {
  let to = window.to;
  const toMax = Math.min(bytes.length, to + reachBytesMax);
  while (to < toMax && (bytes[to] ?? 0) > 0x20 && !isBreakEscape(bytes, to)) to += 1;
  return { ...window, from: safeStart(bytes, window.from), to };
}

function isBreakEscape(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x5c && (bytes[at + 1] === 0x6e || bytes[at + 1] === 0x74);
}

function viewOf(bytes: Buffer, isJson: boolean): View {
  const plain = plainView(bytes);
  return isJson ? (unescapedView(plain) ?? plain) : plain;
}

/** `at` or a little before, so that no escape and no character is cut in two. */
function safeStart(bytes: Buffer, at: number): number {
  let start = at;
  for (let tries = 0; start > 0 && tries < 512; tries += 1) {
    const isInside =
      (bytes[start] ?? 0) >= 0x80 || bytes.subarray(Math.max(0, start - 12), start).includes(0x5c);
    if (!isInside) break;
    start -= 1;
  }
  return start;
}

/** Findings of neighbouring windows may be one secret, seen from both sides. */
function joined(findings: readonly Finding[]): Finding[] {
  const result: Finding[] = [];
  for (const finding of findings.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || finding.start >= last.end) result.push(finding);
    else result[result.length - 1] = { ...last, end: Math.max(last.end, finding.end) };
  }
  return result;
}

function replaced(bytes: Buffer, findings: readonly Finding[], options: GateBytesOptions): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  for (const { start, end, type } of findings) {
    const secret = decoded(bytes.subarray(start, end));
    parts.push(
      bytes.subarray(kept, start),
      Buffer.from(placeholderOf(type, secret, options.hash), "latin1"),
    );
    kept = end;
  }
  parts.push(bytes.subarray(kept));
  return Buffer.concat(parts);
}

/** The secret itself, whatever it was wrapped in, so that equal secrets get equal placeholders. */
function decoded(bytes: Buffer): Buffer {
  let view = plainView(bytes);
  for (let level = 0; level < 3; level += 1) {
    const next = unescapedView(view);
    if (next === null) break;
    view = next;
  }
  return view.bytes;
}
