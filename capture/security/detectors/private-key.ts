import { type Detector, farReach, rank, type Findings } from "./detector.ts";

/** Longest key body that is followed from its marker, in characters of the (numbered) text. */
const bodyCharsMax = 24 * 1024;
/** A body line this long is base64 for certain; shorter ones count only as the last. */
const bodyLineCharsMin = 16;

/**
 * Bodies of private keys between PEM or PGP markers: whole, escaped onto one line, numbered by
 * `cat -n`, or cut off at either end. Each line is a finding of its own, so that lines stay lines.
 */
export const pemPrivateKey: Detector = {
  reach: farReach,
  anchors: ["PRIVATE KEY", "Private-Lines:"],
  anyCase: false,
  mayMatch: () => true,
  find(text, at, found) {
    if (text.startsWith("Private-Lines:", at)) {
      bodyAfter(text, at + "Private-Lines:".length, found);
      return;
    }
    const before = text.slice(Math.max(0, at - 48), at);
    if (/-{4,5} ?BEGIN [A-Z0-9 ]{0,32}$/.test(before)) bodyAfter(text, markerEnd(text, at), found);
    const end = /-{4,5} ?END [A-Z0-9 ]{0,32}$/.exec(before);
    if (end !== null) bodyBefore(text, at - before.length + end.index, found);
  },
};

/** How a private key starts in DER, as base64: found where the markers are missing. */
export const derPrivateKey: Detector = {
  reach: farReach,
  anchors: [
    "IBAAKC", // PKCS #1
    "IBADANBgkqhkiG9w0BAQEFAASC", // PKCS #8, RSA
    "MHcCAQEEI", // SEC 1, P-256
    "MIGkAgEBBD", // SEC 1, P-384
    "AgEAMBMGByqGSM49AgEG", // PKCS #8, P-256
    "AgEAMBAGByqGSM49AgEG", // PKCS #8, other curves
    "MC4CAQAwBQYDK2Vw", // PKCS #8, Ed25519
    "b3BlbnNzaC1rZXktdjEA", // OpenSSH
  ],
  anyCase: false,
  mayMatch: () => true,
  find(text, at, found) {
    const lead = /[A-Za-z0-9+/]{0,24}$/.exec(text.slice(Math.max(0, at - 24), at));
    const start = at - (lead?.[0].length ?? 0);
    if (/^[A-Za-z0-9+/]{16}/.test(text.slice(start, start + 16))) bodyAfter(text, start, found);
  },
};

/** A PEM private key that was base64-encoded once more, as in a kubeconfig. */
export const encodedPrivateKey: Detector = {
  reach: farReach,
  anchors: ["LS0tLS1CRUdJTi"],
  anyCase: false,
  mayMatch: () => true,
  find(text, at, found) {
    const head = Buffer.from(text.slice(at, at + 64), "base64").toString("latin1");
    if (head.includes("PRIVATE KEY")) bodyAfter(text, at, found);
  },
};

// A blank between base64 is a line break that a shell has eaten.
const lineBreak = new RegExp(
  String.raw`\r?\n|(?:\\{1,8}r)?\\{1,8}n` +
    "|(?<=[A-Za-z0-9+/=]{16}) (?=[A-Za-z0-9+/=]{4})|(?<=-----) (?=[A-Za-z0-9+/]{16})",
  "g",
);
const breakBefore = new RegExp(String.raw`(?:\r?\n|(?:\\{1,8}r)?\\{1,8}n| )$`);
/** Line number, diff sign, quote and indent of a line that quotes another. */
const linePrefix =
  /^(?:[ \t>|+-]{0,16}(?:\d{1,7}(?:[\t:|]|\xe2\x86\x92| {1,4}(?=\S)))?)?[ \t"'`+\\,]{0,24}/;
const header = /^(?:[A-Z][A-Za-z-]{2,24}: |$)/;

function markerEnd(text: string, at: number): number {
  const rest = /^PRIVATE KEY(?: BLOCK)? ?-{0,5}/.exec(text.slice(at, at + 24));
  return at + (rest?.[0].length ?? 0);
}

function bodyAfter(text: string, from: number, found: Findings): void {
  const region = text.slice(from, from + bodyCharsMax);
  let seen = 0;
  let start = 0;
  lineBreak.lastIndex = 0;
  for (let more = true; more;) {
    const brk = lineBreak.exec(region);
    more = brk !== null;
    found.charsSpent += (brk?.index ?? region.length) - start + 16;
    const line = bodyLine(region.slice(start, brk?.index ?? region.length));
    if (line === null) return;
    const content = region.slice(start + line.at, start + line.at + line.size);
    if (seen > 0 ? line.size > 0 : isKeyMaterial(content)) {
      const at = from + start + line.at;
      found.add(at, at + line.size, "private-key", rank.shape);
      seen += 1;
    } else if (line.size > 0) return;
    start = more ? lineBreak.lastIndex : start;
  }
}

function bodyBefore(text: string, to: number, found: Findings): void {
  let [end, last] = [to, true];
  for (let left = bodyCharsMax; left > 0;) {
    const start = lineStartBefore(text, end, Math.min(left, 2 * 1024));
    found.charsSpent += end - start + 1024;
    const line = bodyLine(text.slice(start, end));
    // What stands before the marker on its own line is a prefix, or a body written on one line.
    if (line === null || (line.size === 0 && end !== to)) return;
    if (line.size > 0) {
      if (line.size < bodyLineCharsMin && !last) return;
      last = false;
      found.add(start + line.at, start + line.at + line.size, "private-key", rank.shape);
    }
    const brk = breakBefore.exec(text.slice(Math.max(0, start - 24), start));
    if (brk === null) return;
    left -= end - start;
    end = start - brk[0].length;
  }
}

/** Start of the line that ends at `end`, looking back `charsMax` at most. */
function lineStartBefore(text: string, end: number, charsMax: number): number {
  const from = Math.max(0, end - charsMax);
  let start = from;
  // The search goes on from `lastIndex`, where an earlier one may have left it.
  lineBreak.lastIndex = 0;
  for (const brk of text.slice(from, end).matchAll(lineBreak)) {
    start = from + brk.index + brk[0].length;
  }
  return start;
}

function isKeyMaterial(run: string): boolean {
  if (run.length < bodyLineCharsMin) return false;
  return run.length >= 40 || (/\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run));
}

/** Where in `line` the base64 stands; size 0 where it has none, null if it is no line of a key. */
function bodyLine(line: string): { at: number; size: number } | null {
  const at = linePrefix.exec(line)?.[0].length ?? 0;
  const content = line.slice(at);
  const run = /^[A-Za-z0-9+/]{0,24576}={0,3}/.exec(content)?.[0] ?? "";
  const rest = content.slice(run.length);
  if (/^[\s"'`,;+\\)\]}]{0,40}(?:-{4,5} ?END|$)/.test(rest) || run.length >= bodyLineCharsMin) {
    return { at, size: run.length };
  }
  return header.test(content) ? { at, size: 0 } : null;
}
