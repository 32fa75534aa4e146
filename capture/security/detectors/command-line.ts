import { type Detector, lineReach, matchAt, nearReach, rank } from "./detector.ts";
import { isSecretValue } from "./value-judgement.ts";
import { isReference } from "./value-words.ts";

const quote = `\\\\{0,7}["']?`;
const curlUser = new RegExp(
  `-(?:u|-user|-proxy-user|U)(?:[ \\t=]{0,4})${quote}([^\\s:"'\\\\]{1,128}):([^\\s"'\\\\]{3,256})`,
  "dy",
);

/** `curl -u user:password` and its relatives. */
export const curlCredentials: Detector = {
  reach: lineReach,
  anchors: [" -u", " --user", " --proxy-user", " -U"],
  anyCase: false,
  mayMatch: (bytes, at) => hasColon(bytes, at + 2),
  find(text, at, found) {
    const range = matchAt(curlUser, text, at + 1, found)?.indices?.[2];
    if (range === undefined) return;
    const before = text.slice(Math.max(0, at - 420), at);
    const command = before.slice(before.lastIndexOf("\n") + 1);
    if (!/\b(?:curl|wget|httpie|http|https|xh)\b/.test(command)) return;
    const [start, end] = range;
    if (isReference(text.slice(start, end))) return;
    found.add(start, end, "password", rank.judged);
  },
};

const shortOption = new RegExp(
  String.raw`(?:sshpass|mysql(?:dump|admin)?|mariadb)[^\n|;&]{0,200}? -p ?` +
    `${quote}([^\\s"'\\\\]{4,128})`,
  "dy",
);

/** `sshpass -p password`, `mysql -ppassword`. */
export const shortPasswordOption: Detector = {
  reach: lineReach,
  anchors: ["sshpass", "mysql", "mariadb"],
  anyCase: false,
  mayMatch: () => true,
  find(text, at, found) {
    const match = matchAt(shortOption, text, at, found);
    const range = match?.indices?.[1];
    if (match === null || range === undefined) return;
    const [start, end] = range;
    const isGlued = /-p["'\\]*$/.test(text.slice(at, start));
    if (!text.startsWith("sshpass", at) && !isGlued) return;
    if (isReference(text.slice(start, end))) return;
    found.add(start, end, "password", rank.judged);
  },
};

/** Characters that an option and what separates it from its value may take. */
const optionChars = 12;

/** Whether a colon comes before the value's end: `-u name:password`. */
function hasColon(bytes: Uint8Array, from: number): boolean {
  const end = Math.min(bytes.length, from + 240);
  let isInValue = false;
  for (let i = from; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x3a) return true;
    if (byte > 0x20) isInValue ||= i > from + optionChars;
    else if (isInValue) return false;
  }
  return false;
}

const blank = String.raw`(?:\s|\\{1,7}[nrt]){1,8}`;
const netrcLogin = new RegExp(
  String.raw`login${blank}[^\s"'\\]{1,128}${blank}password${blank}([^\s"'\\]{3,256})`,
  "dy",
);

/** `machine host login user password secret`. */
export const netrc: Detector = {
  reach: nearReach,
  anchors: ["login"],
  anyCase: false,
  mayMatch(bytes, at) {
    const end = Math.min(bytes.length, at + 240);
    for (let i = at; i < end; i += 1) if (bytes[i] === 0x70 && isPassword(bytes, i)) return true;
    return false;
  },
  find(text, at, found) {
    const range = matchAt(netrcLogin, text, at, found)?.indices?.[1];
    if (range === undefined) return;
    const [start, end] = range;
    if (!isSecretValue(text.slice(start, end), { type: "password", proof: "strong" }, "env"))
      return;
    found.add(start, end, "password", rank.judged);
  },
};

function isPassword(bytes: Uint8Array, at: number): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(8, bytes.length - at)).equals(
    passwordWord,
  );
}

const passwordWord = Buffer.from("password");

const sqlPassword = new RegExp(
  "(?:IDENTIFIED BY|WITH PASSWORD|SET PASSWORD|ENCRYPTED PASSWORD)(?: PASSWORD)?" +
    String.raw`[ \t=]{1,4}\\{0,7}(['"])([^'"\n\\]{3,256})`,
  "diy",
);

/** Passwords of SQL accounts. */
export const sqlAccount: Detector = {
  reach: nearReach,
  anchors: ["IDENTIFIED BY", "WITH PASSWORD", "SET PASSWORD", "ENCRYPTED PASSWORD"],
  anyCase: true,
  mayMatch: () => true,
  find(text, at, found) {
    const range = matchAt(sqlPassword, text, at, found)?.indices?.[2];
    if (range === undefined) return;
    found.add(range[0], range[1], "password", rank.judged);
  },
};
