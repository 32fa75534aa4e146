import { type KeyKind, keyKindOf } from "./key-names.ts";

/** Characters of a name that are looked at on either side of its telling part. */
export const nameCharsMax = 96;

const nameChar = /[A-Za-z0-9_.$-]/;

/** What the name says of its value; `before` is the word that stands before it. */
export function kindOf(name: Name, before: string): KeyKind | null {
  return keyKindOf(name.text.replace(/^-{1,2}/, ""), before);
}

/** A name in a text. */
export interface Name {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The name that `at` is in; longer ones are cut {@link nameCharsMax} away from it. */
export function nameAround(text: string, at: number): Name {
  let start = at;
  let end = at;
  while (start > 0 && at - start < nameCharsMax && nameChar.test(text.charAt(start - 1)))
    start -= 1;
  while (end < text.length && end - at < nameCharsMax && nameChar.test(text.charAt(end))) end += 1;
  // A terminal colour ends in a letter that is none of the name.
  if (text.charAt(start - 1) === "[") {
    start += /^\d{0,3}m/.exec(text.slice(start, Math.min(at, start + 4)))?.[0].length ?? 0;
  }
  return { start, end, text: text.slice(start, end) };
}

/** The word before a blank before `at`, or nothing. */
export function wordBefore(text: string, at: number): string {
  if (text.charAt(at - 1) !== " ") return "";
  return /([A-Za-z]{2,24}) $/.exec(text.slice(Math.max(0, at - 26), at))?.[1] ?? "";
}
