import { hash } from "node:crypto";

/**
 * Canonical JSON as the client's own journal hashes it: sorted keys, no white space.
 *
 * `cache_control` marks, which move from request to request, are left out unless `withMarks`.
 */
export function canonical(value: unknown, withMarks = false): string {
  // A copy in order, written in one go, takes half the time of writing it member by member.
  const copy = ordered(value, withMarks);
  return copy === undefined ? memberByMember(value, withMarks) : JSON.stringify(copy);
}

/** Undefined where an object cannot hold its members in order: some names are put first. */
function ordered(value: unknown, withMarks: boolean): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const copy = ordered(item ?? null, withMarks);
      if (copy === undefined) return undefined;
      items.push(copy);
    }
    return items;
  }
  // Safe: only its own members are asked for, by their names.
  const members = value as Readonly<Record<string, unknown>>;
  const copies: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member === undefined || (name === "cache_control" && !withMarks)) continue;
    const first = name.charCodeAt(0);
    const isPutFirst = first >= 0x30 && first <= 0x39;
    const copy = isPutFirst || name === "__proto__" ? undefined : ordered(member, withMarks);
    if (copy === undefined) return undefined;
    copies[name] = copy;
  }
  return copies;
}

function memberByMember(value: unknown, withMarks: boolean): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, withMarks)).join(",")}]`;
  const members = Object.entries(value)
    .filter(([name, member]) => member !== undefined && (name !== "cache_control" || withMarks))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, withMarks)}`);
  return `{${members.join(",")}}`;
}

/** Canonical JSON in UTF-8, as it is hashed: written once, and out of the heap's way. */
export interface CanonicalText {
  readonly bytes: Buffer;
  /** Of the text, in UTF-16. */
  readonly chars: number;
}

const blocks = new WeakMap<object, CanonicalText>();

/**
 * One block of a message, remembered as long as the parsed line lives: the journal's digests and
 * the block's own name both need it.
 */
export function canonicalBlock(block: unknown): CanonicalText {
  if (typeof block !== "object" || block === null) return encoded(canonical(block));
  const known = blocks.get(block);
  if (known !== undefined) return known;
  const text = encoded(canonical(block));
  blocks.set(block, text);
  return text;
}

function encoded(text: string): CanonicalText {
  return { bytes: Buffer.from(text, "utf8"), chars: text.length };
}

export function sha256(text: string | Buffer): string {
  return hash("sha256", text, "hex");
}

/** A message's content as a list of blocks: a plain text is one text block. */
export function blocksOf(content: unknown): readonly unknown[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content : [];
}
