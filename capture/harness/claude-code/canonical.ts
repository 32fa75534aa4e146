import { hash } from "node:crypto";

/**
 * Canonical JSON as the client's own journal hashes it: sorted keys, no white space.
 *
 * `cache_control` marks, which move from request to request, are left out unless `withMarks`.
 */
export function canonical(value: unknown, withMarks = false): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) {
    let list = "";
    for (const item of value) list += (list === "" ? "" : ",") + canonical(item, withMarks);
    return `[${list}]`;
  }
  let members = "";
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, member] of entries) {
    if (member === undefined || (key === "cache_control" && !withMarks)) continue;
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonical(member, withMarks)}`;
  }
  return `{${members}}`;
}

const blocks = new WeakMap<object, string>();

/**
 * The same for one block of a message, remembered as long as the parsed line lives: the journal's
 * digests and the block's own name both need it.
 */
export function canonicalBlock(block: unknown): string {
  if (typeof block !== "object" || block === null) return canonical(block);
  const known = blocks.get(block);
  if (known !== undefined) return known;
  const text = canonical(block);
  blocks.set(block, text);
  return text;
}

export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

/** A message's content as a list of blocks: a plain text is one text block. */
export function blocksOf(content: unknown): readonly unknown[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content : [];
}
