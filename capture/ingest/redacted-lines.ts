import type { SourceMapRecord } from "../model/session.ts";
import type { Text } from "../model/text.ts";

/**
 * Keyed hashes of the raw text lines behind placeholders, by the gated text of the line.
 *
 * The map says which lines of which strings of the record changed; an edit's content may be put
 * together from several such strings, so its lines are found by what they read like now.
 */
export function redactedLinesIn(
  texts: readonly (Text | null | undefined)[],
  from: { readonly line: unknown; readonly map: SourceMapRecord },
): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  const isConcerned = texts.some((text) => typeof text === "string" && text.includes("[[secret:"));
  if (!isConcerned || from.map.x === undefined) return hashes;
  for (const { path, lines } of from.map.x) {
    const value = valueAt(from.line, path);
    if (typeof value !== "string") continue;
    const gated = value.split("\n");
    for (const { index, hash } of lines) {
      const line = gated[index];
      if (line !== undefined) hashes.set(line.trimEnd(), hash);
    }
  }
  return hashes;
}

function valueAt(record: unknown, path: readonly (string | number)[]): unknown {
  let value = record;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(key))?.[1];
  }
  return value;
}
