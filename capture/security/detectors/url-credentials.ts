import { byteSet, type Detector, digits, letters, matchAt, nearReach, rank } from "./detector.ts";
import { isReference } from "./value-words.ts";

const userInfo =
  /:\/\/([^\s:/@"'<>\\?#]{0,128}):([^\s/"'<>\\?#]{1,256})@([A-Za-z0-9[_-][A-Za-z0-9.-]{0,255})/dy;
const tokenInfo = /:\/\/([A-Za-z0-9_-]{20,255})@[A-Za-z0-9[]/dy;

/** Passwords and tokens in URLs: `scheme://user:password@host`, `https://token@host`. */
export const urlCredentials: Detector = {
  reach: nearReach,
  anchors: ["://"],
  anyCase: false,
  mayMatch: hasAt,
  find(text, at, found) {
    const pair = matchAt(userInfo, text, at, found);
    const range = pair?.indices?.[2];
    if (range !== undefined) {
      const [start, end] = range;
      if (isPassword(text.slice(start, end), pair?.[3] ?? "")) {
        found.add(start, end, "url-password", rank.judged);
      }
      return;
    }
    const token = matchAt(tokenInfo, text, at, found)?.indices?.[1];
    if (token === undefined) return;
    const [start, end] = token;
    if (!/\d/.test(text.slice(start, end))) return;
    found.add(start, end, "url-token", rank.judged);
  },
};

/** The same in JSON whose writer escapes slashes: never judged, only looked at closely. */
export const escapedSlashes: Detector = {
  reach: nearReach,
  anchors: ["/\\/", "/\\\\/"],
  anyCase: false,
  mayMatch: () => true,
  find: () => undefined,
};

/** Passwords of examples, and words that some hosts want where a password goes. */
const openPasswords =
  /^(?:pass(?:word)?|pwd?|secret|token|x-(?:oauth-basic|access-token)|oauth2|[*xX.]+|your[-_].*)$/i;

function isPassword(value: string, host: string): boolean {
  if (value.length < 3 || isReference(value)) return false;
  if (/(?:^|\.)example\.(?:com|org|net)$/.test(host) && /^(?:\d{1,6}|[A-Za-z]{1,8})$/.test(value))
    return false;
  return !openPasswords.test(value);
}

/** Control characters but blanks: no address has them, and a pattern does not stop at them. */
const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join("");
const authorityByte = byteSet(
  `${letters}${digits}-._~!$&()*+,;=%:[]{}|^\\\u007f${controls.replace(/\s/g, "")}`,
);
const atSign = 0x40;

/** Cheap: whether an `@` comes before the authority surely ends. */
function hasAt(bytes: Uint8Array, at: number): boolean {
  const end = Math.min(bytes.length, at + 600);
  for (let i = at + 3; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === atSign) return true;
    if (byte < 0x80 && authorityByte[byte] === 0) return false;
  }
  return false;
}
