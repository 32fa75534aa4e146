import { findNamedValue } from "./detectors/key-value.ts";
import { keyKindOf } from "./detectors/key-names.ts";
import { cookieValues } from "./detectors/http-headers.ts";
import { Findings } from "./detectors/detector.ts";
import { type Finding, SecretFinder, type Suspect } from "./find-secrets.ts";
import { gateBytes, type GatedBytes, type RedactedLine } from "./gate-bytes.ts";
import { type JsonPlace, type JsonString, walkJsonStrings } from "./json-strings.ts";
import { type KeyedHash, keyedHash, placeholdersIn } from "./redact.ts";
import { originOf, type View } from "./views.ts";

/** A string that had secrets: where it is in the gated line, and its lines that changed. */
export interface RedactedString {
  readonly path: readonly (string | number)[];
  readonly lines: readonly RedactedLine[];
}

export interface GatedLine {
  /** The very buffer that was given where the line is clean. */
  readonly bytes: Buffer;
  /** Placeholders that were put in. */
  readonly redactions: number;
  readonly redacted: readonly RedactedString[];
}

/** Gate 1: what every byte passes on its way into the bucket. Pure, total, idempotent. */
export interface Gate {
  /**
   * Gates one line of JSON, given without its newline: a line that is clean comes back as the very
   * same buffer. In others only the secrets inside of string literals change; the line still parses
   * and has its shape. What turns out to be no JSON is gated as {@link raw} does.
   */
  line(line: Buffer): GatedLine;
  /** Gates bytes that are no JSON, or not for certain; the one entry in `redacted` has path []. */
  raw(bytes: Buffer): GatedLine;
  /** Gates the bytes of a blob: text or not, decoded. */
  bytes(bytes: Buffer): GatedBytes;
  /** Gates a text. Lone surrogates of a text with secrets come back as U+FFFD. */
  text(text: string): { readonly text: string; readonly redactions: number };
}

export interface GateOptions {
  /** Key of the placeholders and line hashes; it never leaves the machine. */
  readonly key: Buffer;
  /** Literal values to redact wherever they stand: see `known-secrets.ts`. */
  readonly knownSecrets?: readonly string[];
  /** False looks at every line closely: for tests of what the filter may let through. */
  readonly usesPrefilter?: boolean;
}

/** Longest value that its name alone can make a secret; a longer one has to have a shape. */
const namedValueBytesMax = 16 * 1024;

/** Longest value that can name its neighbour. */
const companionBytesMax = 128;

/** Makes gate 1 for one bucket. Building it takes a few milliseconds: make one and keep it. */
export function createGate(options: GateOptions): Gate {
  const finder = new SecretFinder(options.knownSecrets ?? [], options.usesPrefilter);
  const hash = keyedHash(options.key);

  const bytes = (raw: Buffer): GatedBytes => gateBytes(raw, { finder, hash, isJson: false });
  const raw = (line: Buffer): GatedLine => {
    const gated = bytes(line);
    const redacted = gated.redactions === 0 ? [] : [{ path: [], lines: gated.lines }];
    return { bytes: gated.bytes, redactions: gated.redactions, redacted };
  };
  return {
    bytes,
    raw,
    line(line) {
      const suspects = finder.suspects(line);
      if (suspects.length === 0 && finder.usesPrefilter) return clean(line);
      return gateJson(line, suspects, { finder, hash }) ?? raw(line);
    },
    text(text) {
      const gated = bytes(Buffer.from(text, "utf8"));
      if (gated.redactions === 0) return { text, redactions: 0 };
      return { text: gated.bytes.toString("utf8"), redactions: gated.redactions };
    },
  };
}

function clean(line: Buffer): GatedLine {
  return { bytes: line, redactions: 0, redacted: [] };
}

/** Null if the line is no JSON. */
function gateJson(
  line: Buffer,
  suspects: readonly Suspect[],
  { finder, hash }: { readonly finder: SecretFinder; readonly hash: KeyedHash },
): GatedLine | null {
  const suspectsWithin = sliced(suspects);
  const parts: Buffer[] = [];
  const redacted: RedactedString[] = [];
  let kept = 0;
  let redactions = 0;
  const isJson = walkJsonStrings(line, {
    string(found, place) {
      const content = line.subarray(found.start, found.end);
      const here = suspectsWithin(found.start, found.end);
      const more = namedFindings(found, place);
      const gated =
        here.length === 0 && more.more === undefined
          ? { bytes: content, redactions: 0, lines: [] }
          : gateBytes(content, { finder, hash, isJson: true, suspects: here, ...more });
      const shown =
        found.isKey || gated.bytes.length <= companionBytesMax ? textOf(gated.bytes) : "";
      if (gated.redactions === 0) return shown;
      parts.push(line.subarray(kept, found.start), gated.bytes);
      kept = found.end;
      redactions += gated.redactions;
      const path = found.isKey ? [...place.path().slice(0, -1), shown] : place.path();
      redacted.push({ path, lines: gated.lines });
      return shown;
    },
  });
  if (!isJson) return null;
  if (redactions === 0) return clean(line);
  parts.push(line.subarray(kept));
  return { bytes: Buffer.concat(parts), redactions, redacted };
}

/** Hands out the suspects of one string after the other, with offsets into it. */
function sliced(suspects: readonly Suspect[]): (start: number, end: number) => Suspect[] {
  let next = 0;
  return (start, end) => {
    const within: Suspect[] = [];
    for (; next < suspects.length; next += 1) {
      const suspect = suspects[next];
      if (suspect === undefined || suspect.at >= end) break;
      if (suspect.at >= start) within.push({ ...suspect, at: suspect.at - start });
    }
    return within;
  };
}

/** What the place of a value says about it: its key, its sibling `name`, the option before it. */
function namedFindings(
  found: JsonString,
  place: JsonPlace,
): { more?: (view: View) => readonly Finding[] } {
  if (found.isKey || found.end - found.start > namedValueBytesMax) return {};
  const name = nameOf(place);
  if (name === null) return {};
  const kind = keyKindOf(name);
  const isCookie = /^(?:set-)?cookies?$/i.test(name);
  if (kind === null && !isCookie) return {};
  return {
    more(view) {
      const found = new Findings();
      if (isCookie) cookieValues(view.text, 0, found);
      else if (kind !== null) findNamedValue(view.text, kind, found);
      const holes = placeholdersIn(view.text);
      return found.spans
        .filter((span) => !holes.some((hole) => hole.start < span.end && hole.end > span.start))
        .map((span) => ({
          start: originOf(view, span.start),
          end: originOf(view, span.end),
          type: span.type,
        }));
    },
  };
}

function nameOf(place: JsonPlace): string | null {
  const { key, companion } = place;
  if (companion !== null && key !== null && /^value$/i.test(key)) return companion;
  if (companion !== null && /^--?[A-Za-z][\w-]{1,40}$/.test(companion))
    return companion.replace(/^-+/, "");
  return key;
}

/** The text of a short literal, for names and paths. */
function textOf(content: Buffer): string {
  try {
    const text: unknown = JSON.parse(`"${content.toString("utf8")}"`);
    return typeof text === "string" ? text : "";
  } catch {
    // Bytes that are no JSON string name nothing; the walk goes on.
    return content.toString("latin1");
  }
}
