import type { KeyKind } from "./key-names.ts";
import { isOrdinaryWord, isPlaceholder, isReference } from "./value-words.ts";

/** How a value stands in its text, which decides how much is taken for a literal. */
export type ValueContext =
  /** `KEY=value` of a shell or a `.env` file: always a literal, unless it starts with `$`. */
  | "env"
  /** Between quotes. */
  | "quoted"
  /** Bare behind `:` or `=`: may as well be code. */
  | "bare"
  /** In a sentence: "the password is …". */
  | "prose";

const valueCharsMin = 6;
const valueCharsMax = 16_384;
/** As much of a value as its judgement looks at: enough to tell, whatever follows. */
const judgedCharsMax = 512;

/** Judges whether `whole`, the value behind a name of that kind, is a secret itself. */
export function isSecretValue(whole: string, kind: KeyKind, context: ValueContext): boolean {
  if (whole.length < valueCharsMin || whole.length > valueCharsMax) return false;
  if (kind.type === "mnemonic") return /^(?:[a-z]{3,8}\s){11,23}[a-z]{3,8}$/.test(whole.trim());
  const value = whole.slice(0, judgedCharsMax);
  if (/[\s\0]/.test(whole) || isReference(value) || isPlaceholder(value, context)) return false;
  if (isOrdinary(value, context)) return false;
  if (kind.type === "aws-key-id") return /^[A-Z0-9]{16,128}$/.test(value);
  const look = lookOf(value);
  if (kind.proof === "weak") return look.isRandom && value.length >= 12;
  if (context === "prose") return look.classes >= 3 || (look.isRandom && value.length >= 10);
  if (context === "bare" && look.isIdentifier && !look.isRandom) {
    const isOddWord = look.hasDigit && look.classes >= 2 && !/^[a-z]+[A-Z]/.test(value);
    return kind.type === "password" && isOddWord;
  }
  if (kind.type === "password" || context === "env") return look.classes >= 2 || value.length >= 8;
  if (look.isRandom || look.classes >= 3) return true;
  return value.length >= 8 && look.classes >= 2 && look.hasDigit;
}

const number =
  /^[-+^~<>=v]{0,2}\d{1,15}(?:[.,:]\d{1,15}){0,6}(?:e[-+]?\d{1,3})?(?:ms|s|px|kb|mb|gb|%)?$/i;
const date = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;
const filePath = /^(?:\.{0,2}|~|[A-Za-z]:|\$HOME)[\\/][\w@.~ -]{1,64}(?:[\\/]|$|\.[a-z]{1,5}$)/;
const address = /^(?:[A-Za-z][\w+.-]{1,16}:)?\/\/[^\s]+$/;
const mail = /^[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}$/;
const fileName = new RegExp(
  "^[\\w-]{1,64}\\.(?:json|ya?ml|toml|pem|key|crt|txt|env|tsx?|m?js|py|go|rs|md|log|cfg|ini" +
    "|conf|sh|html?)$",
);
/** A chain of identifiers: code, whatever it is called. */
const chain = /^[A-Za-z_$][\w$]{0,64}(?:(?:\?\.|\.|::)[A-Za-z_$][\w$]{0,64}){1,8}$/;

const typeName = /^(?:[A-Z][a-z0-9]{1,24}){1,6}(?:\[\]|\?|<.*)?$/;
const primitive = /^(?:u?int|float|bytes?|char|str|bool|usize|&str|\*?string)\d{0,3}(?:\[\])?$/;
const hexNumber = /^0x[0-9a-fA-F]{1,16}$/;
const constant = /^[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){1,10}$/;
const expression = /[({[]|=>|::|->|\?\?|\|\||&&|\)$|^%|^<|^(?:!+[A-Za-z_$]|\/[*/^([\\])/;

/** True for paths, addresses, numbers, types, calls and what else is no literal secret. */
function isOrdinary(value: string, context: ValueContext): boolean {
  if (isOrdinaryWord(value) || date.test(value)) return true;
  if (number.test(value)) {
    return context === "bare" || context === "prose" || !/^\d{6,64}$/.test(value);
  }
  const runs = value.match(/[A-Za-z0-9_-]{10,512}/g) ?? [];
  const random = runs.filter((run) => lookOf(run).isRandom);
  if (random.length === 0 && filePath.test(value)) return true;
  if (address.test(value) || mail.test(value) || fileName.test(value)) return true;
  if (context === "env") return false;
  if (context !== "quoted" && isCode(value)) return true;
  if (isNameOfSecret(value)) return true;
  return chain.test(value) && random.every((run) => run.length < 16);
}

function isCode(value: string): boolean {
  return [typeName, primitive, hexNumber, constant, expression].some((form) => form.test(value));
}

/** `invalidUserNameOrPassword`: talks of a secret, and is none. */
function isNameOfSecret(value: string): boolean {
  if (!/[a-z][A-Z]/.test(value) || !isWords(value)) return false;
  return /pass|user|token|secret|key|auth/i.test(value);
}

interface Look {
  /** How many of: lower case, upper case, digits, others. */
  readonly classes: number;
  readonly hasDigit: boolean;
  readonly isIdentifier: boolean;
  /** Letters and digits mixed in a way that no word is. */
  readonly isRandom: boolean;
}

function lookOf(value: string): Look {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((set) => set.test(value)).length;
  const hasDigit = /\d/.test(value);
  const digitRuns = value.match(/\d{1,64}/g)?.length ?? 0;
  const isHex = /^[0-9a-fA-F-]{16,}$/.test(value) && digitRuns >= 3;
  const changes = value.match(/[a-z][A-Z]|[A-Z][a-z]|[A-Za-z]\d|\d[A-Za-z]/g)?.length ?? 0;
  const isMixed = hasDigit && /[A-Za-z]/.test(value) && changes >= 4 && changes * 5 >= value.length;
  const turns = value.match(/[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g)?.length ?? 0;
  const isLong = value.length >= 20 && classes >= 2 && turns >= 6 && entropyBits(value) >= 3.5;
  const hasWords = isWords(value);
  return {
    classes: hasWords && !hasDigit ? 1 : classes,
    hasDigit,
    isIdentifier: /^[A-Za-z_$][\w$]*$/.test(value),
    isRandom: isHex || (!hasWords && (isMixed || isLong)),
  };
}

/** Letters with a number in the middle at most (`OAuth2Token`), a sign or number at the ends. */
const nameForm = /^[^A-Za-z0-9]?([A-Za-z]{1,512}(?:\d[A-Za-z]{3,256})?)\d{0,3}[^A-Za-z0-9]?$/;

/** True for words in camelCase, with a sign or a number at the ends: a name, however long. */
function isWords(value: string): boolean {
  const core = nameForm.exec(value)?.[1];
  if (core === undefined) return false;
  const parts = core.match(/[A-Z]?[a-z]{1,512}|[A-Z]{1,512}(?![a-z])/g) ?? [];
  if (parts.length * 3 > core.length || /[^aeiouyAEIOUY]{6}/.test(core)) return false;
  return parts.every((part) => /^.{1,2}$|^[A-Z]{3,5}$|[aeiouyAEIOUY]/.test(part));
}

/** Shannon entropy a character, in bits. */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / text.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}
