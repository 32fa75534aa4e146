import { isUtf8 } from "node:buffer";
import type { IssueRule } from "../base/errors.ts";
import { parsedOrUndefined } from "../base/jsonl.ts";

/** One JSON object of a line, as text and as what it parses to. */
export interface LineObject {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a line that is not one JSON object still says. */
export interface Recovered {
  /** JSON objects found in it, in order. */
  readonly objects: readonly LineObject[];
  readonly problems: readonly LineProblem[];
}

export interface LineProblem {
  readonly rule: IssueRule;
  readonly message: string;
}

/** The object that a text is, so that the line may stand as it is; undefined if it is none. */
export function objectOf(text: string): LineObject | undefined {
  const value = parsedOrUndefined(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // Safe: an object of JSON has string keys.
  return { text, value: value as Record<string, unknown> };
}

/** Finds the JSON objects in the (gated) text of a line that is not one. Total. */
export function recoverText(lineText: string): Recovered {
  const text = lineText.replace(/^\uFEFF/, "");
  if (text.trim() === "") return { objects: [], problems: [] };
  const withoutNul = text.replaceAll("\0", "");
  const problems: LineProblem[] = [];
  if (withoutNul.length < text.length) {
    const count = text.length - withoutNul.length;
    problems.push({ rule: "line-has-nul", message: `The line holds ${count} NUL bytes.` });
  }
  if (withoutNul.trim() === "") return { objects: [], problems };
  const whole = objectOf(withoutNul);
  if (whole !== undefined) return { objects: [whole], problems };
  const glued = gluedObjects(withoutNul);
  if (glued.length > 1) {
    const message = `${glued.length} JSON objects stand on one line.`;
    return { objects: glued, problems: [...problems, { rule: "line-glued", message }] };
  }
  const message = "The line is not a JSON object; its bytes are kept.";
  return { objects: [], problems: [...problems, { rule: "line-not-json", message }] };
}

/** The same for bytes, which may not even be text. */
export function recoverBytes(line: Buffer): Recovered {
  if (isUtf8(line)) return recoverText(line.toString("utf8"));
  const message = "The line is not valid UTF-8; its bytes are kept.";
  return { objects: [], problems: [{ rule: "line-not-utf8", message }] };
}

/** The objects of a line that is nothing but objects side by side; otherwise none. */
function gluedObjects(text: string): LineObject[] {
  const objects: LineObject[] = [];
  let depth = 0;
  let start = -1;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
    } else if (char === "{") {
      if (depth === 0) start = at;
      depth += 1;
    } else if (char === "}" && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      const found = objectOf(text.slice(start, at + 1));
      if (found === undefined) return [];
      objects.push(found);
    } else if (depth === 0 && char?.trim() !== "") {
      return [];
    }
  }
  return depth === 0 ? objects : [];
}
