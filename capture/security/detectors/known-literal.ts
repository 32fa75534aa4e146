import { type Detector, rank } from "./detector.ts";

/** Text that no one can search for: shorter parts of a known secret are never anchors. */
const anchorCharsMin = 3;
const anchorCharsMax = 12;

/**
 * The detector of one secret whose value is known.
 *
 * It is found as it is and in the encodings that tools print: base64 (at any of its three
 * alignments), hex and percent-encoding. JSON escapes are undone before it looks.
 */
export function knownDetectors(secret: string): Detector[] {
  return encodingsOf(secret).flatMap((variant) => {
    const detector = literalDetector(variant);
    return detector === null ? [] : [detector];
  });
}

interface Variant {
  /** One character a byte. */
  readonly text: string;
  readonly anyCase: boolean;
}

function literalDetector(variant: Variant): Detector | null {
  const anchor = anchorOf(variant.text);
  if (anchor === null) return null;
  const { text: wanted, anyCase } = variant;
  const folded = anyCase ? wanted.toLowerCase() : wanted;
  const reachBytes = wanted.length * 8 + 64;
  return {
    reach: { before: reachBytes, after: reachBytes },
    anchors: [wanted.slice(anchor.at, anchor.at + anchor.size)],
    anyCase,
    mayMatch: () => true,
    find(text, at, found) {
      const start = at - anchor.at;
      if (start < 0) return;
      const here = text.slice(start, start + wanted.length);
      if ((anyCase ? here.toLowerCase() : here) !== folded) return;
      found.add(start, start + wanted.length, "known-secret", rank.known);
    },
  };
}

/** The longest run of letters and digits: no JSON writer ever escapes those. */
function anchorOf(text: string): { at: number; size: number } | null {
  let best: { at: number; size: number } | null = null;
  for (const run of text.matchAll(/[A-Za-z0-9]{1,512}/g)) {
    const size = Math.min(run[0].length, anchorCharsMax);
    if (size >= anchorCharsMin && size > (best?.size ?? 0)) best = { at: run.index, size };
  }
  return best;
}

function encodingsOf(secret: string): Variant[] {
  const bytes = Buffer.from(secret, "utf8");
  const variants: Variant[] = [{ text: bytes.toString("latin1"), anyCase: false }];
  const percent = encodeURIComponent(secret.toWellFormed());
  if (percent !== secret) variants.push({ text: percent, anyCase: true });
  if (bytes.length < 12) return variants;
  variants.push({ text: bytes.toString("hex"), anyCase: true });
  for (const lead of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(lead), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and last characters depend on what stands around the secret.
    const from = lead === 0 ? 0 : lead + 1;
    const to = (lead + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1;
    const core = encoded.slice(from, to);
    variants.push({ text: core, anyCase: false });
    const url = core.replaceAll("+", "-").replaceAll("/", "_");
    if (url !== core) variants.push({ text: url, anyCase: false });
  }
  return variants;
}
