import { type Detector, lineReach, matchAt, nearReach, rank, type Findings } from "./detector.ts";
import { isReference } from "./value-words.ts";
import { isMadeUp } from "./token-shape.ts";

const scheme = new RegExp(
  "(?:bearer|token|bot|apikey|splunk|sso-key|zoho-oauthtoken)" +
    String.raw`(?:[ \t]|%20|\+){1,4}\\{0,7}["']?([A-Za-z0-9._~+/=:-]{8,16384})`,
  "diy",
);
const basicScheme = /basic(?:[ \t]|%20){1,4}([A-Za-z0-9+/_-]{6,2048}={0,2})/diy;

/** `Bearer …` wherever it stands, other schemes behind `Authorization`. */
export const bearerToken: Detector = {
  reach: nearReach,
  anchors: ["bearer"],
  anyCase: true,
  mayMatch: (bytes, at) => isSpaceLike(bytes[at + 6] ?? 0),
  find(text, at, found) {
    schemeAt(text, at, found);
  },
};

/** `Basic dXNlcjpwYXNz`, if it decodes to a name and a password. */
export const basicCredentials: Detector = {
  reach: nearReach,
  anchors: ["basic"],
  anyCase: true,
  mayMatch: (bytes, at) => isSpaceLike(bytes[at + 5] ?? 0),
  find(text, at, found) {
    const range = matchAt(basicScheme, text, at, found)?.indices?.[1];
    if (range === undefined) return;
    const [start, end] = range;
    if (!isBasicPair(text.slice(start, end))) return;
    found.add(start, end, "basic-auth", rank.judged);
  },
};

const headerName = /(?:proxy-)?authorization\\{0,7}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,7}["']?/diy;

/** `Authorization: <scheme> <credentials>` for the schemes that are not looked for alone. */
export const authorizationHeader: Detector = {
  reach: nearReach,
  anchors: ["authorization"],
  anyCase: true,
  mayMatch: (bytes, at) => isHeaderEnd(bytes, at + 13),
  find(text, at, found) {
    const name = matchAt(headerName, text, at, found);
    if (name !== null) schemeAt(text, at + name[0].length, found);
  },
};

const cookieHeader = /cookie2?\\{0,7}["']?[ \t]{0,4}:[ \t]{0,4}\\{0,7}["']?/diy;

/** Values of `Cookie:` and `Set-Cookie:` headers. */
export const cookies: Detector = {
  reach: lineReach,
  anchors: ["cookie"],
  anyCase: true,
  mayMatch: (bytes, at) => isHeaderEnd(bytes, at + 6),
  find(text, at, found) {
    const name = matchAt(cookieHeader, text, at, found);
    if (name === null) return;
    cookieValues(text, at + name[0].length, found);
  },
};

const attributes: ReadonlySet<string> = new Set([
  "path",
  "domain",
  "expires",
  "max-age",
  "samesite",
  "priority",
]);
const pair =
  /[ \t]{0,4}([A-Za-z0-9_.!#$%&*+^`|~-]{1,128})(?:=([^;\s"'\\,]{0,4096}))?(?:;|$|(?=[\s"'\\,]))/dy;

/** Adds the values of the cookies that are listed from `at` on. */
export function cookieValues(text: string, at: number, found: Findings): void {
  let next = at;
  for (let count = 0; count < 200; count += 1) {
    const match = matchAt(pair, text, next, found);
    if (match === null) return;
    const range = match.indices?.[2];
    const isAttribute = attributes.has((match[1] ?? "").toLowerCase());
    if (range !== undefined && !isAttribute && isCookieSecret(text.slice(range[0], range[1]))) {
      found.add(range[0], range[1], "cookie", rank.judged);
    }
    next += match[0].length;
    if (!match[0].endsWith(";")) return;
  }
}

function isCookieSecret(value: string): boolean {
  return value.length >= 8 && !isReference(value) && /\d|[a-z][A-Z]|[A-Z][a-z]/.test(value);
}

function schemeAt(text: string, at: number, found: Findings): void {
  const range = matchAt(scheme, text, at, found)?.indices?.[1];
  if (range === undefined) return;
  const [start, end] = range;
  const token = text.slice(start, end);
  if (isReference(token) || isMadeUp(token) || !/\d/.test(token) || token.includes("://")) return;
  found.add(start, end, "bearer-token", rank.judged);
}

function isBasicPair(encoded: string): boolean {
  const decoded = Buffer.from(encoded, "base64").toString("latin1");
  return /^[\x20-\x7e]{0,255}:[\x20-\x7e]{1,512}$/.test(decoded);
}

function isSpaceLike(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x25 || byte === 0x2b || byte === 0x5c;
}

/** True if only quotes, escapes and blanks lie between `at` and a colon or equals sign. */
function isHeaderEnd(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 16; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x3a || byte === 0x3d) return true;
    if (
      byte !== 0x22 &&
      byte !== 0x27 &&
      byte !== 0x5c &&
      byte !== 0x20 &&
      byte !== 0x09 &&
      byte !== 0x32
    )
      return false;
  }
  return false;
}
