import { OtError } from "../base/errors.ts";
import { type JsonNode, locateJson, memberOf } from "./json-text.ts";

/** One hook of ours: the event, which tools it is for, and the command, which identifies it. */
export interface HookEntry {
  readonly event: string;
  readonly matcher?: string;
  readonly command: string;
  readonly timeoutSeconds: number;
}

/** A settings text with our entries in, and every piece of text that was put in. */
export interface Installed {
  readonly text: string;
  /** In the order of the text. Taking each out again gives the text before, byte for byte. */
  readonly pieces: readonly string[];
}

/** Parses a settings text; throws `failed` with its place in words if it is not an object. */
export function checkSettings(text: string, file: string): void {
  const hint = `Mend ${file} by hand, or move it away; nothing in it was touched.`;
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (cause) {
    throw new OtError("failed", `${file} is not valid JSON: ${reasonOf(cause)}.`, { hint, cause });
  }
  if (!isObject(value)) throw new OtError("failed", `${file} holds no JSON object.`, { hint });
  const hooks = value["hooks"];
  if (hooks === undefined) return;
  if (!isObject(hooks)) {
    throw new OtError("failed", `"hooks" in ${file} is not an object.`, { hint });
  }
  for (const [event, groups] of Object.entries(hooks)) {
    if (Array.isArray(groups)) continue;
    throw new OtError("failed", `"hooks.${event}" in ${file} is not a list.`, { hint });
  }
}

/**
 * Puts one group an event behind what is there. `text` has none of ours and was checked.
 *
 * Nothing that is there is moved or written anew, and new lines look like those around them.
 */
export function insertEntries(text: string, entries: readonly HookEntry[]): Installed {
  const style = styleOf(text);
  const root = locateJson(text);
  const hooks = memberOf(root, "hooks")?.value;
  if (hooks === undefined) {
    const all = Object.fromEntries(entries.map((entry) => [entry.event, [groupOf(entry)]]));
    return applied(text, [
      memberInsertion(text, root, { style, depth: 1, members: { hooks: all } }),
    ]);
  }
  const insertions: Insertion[] = [];
  const missing: Record<string, unknown> = {};
  for (const entry of entries) {
    const groups = memberOf(hooks, entry.event)?.value;
    if (groups === undefined) missing[entry.event] = [groupOf(entry)];
    else
      insertions.push(elementInsertion(text, groups, { style, depth: 3, value: groupOf(entry) }));
  }
  if (Object.keys(missing).length > 0) {
    insertions.push(memberInsertion(text, hooks, { style, depth: 2, members: missing }));
  }
  return applied(text, insertions);
}

function groupOf(entry: HookEntry): unknown {
  const hook = { type: "command", command: entry.command, timeout: entry.timeoutSeconds };
  return { ...(entry.matcher === undefined ? {} : { matcher: entry.matcher }), hooks: [hook] };
}

interface Insertion {
  readonly at: number;
  readonly piece: string;
}

interface Style {
  readonly indent: string;
  readonly newline: string;
}

/** How the file is written: its own indent and newline, else two spaces and `\n`. */
function styleOf(text: string): Style {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  return { indent: /^\uFEFF?\s*\{\s*?\n([ \t]+)"/.exec(text)?.[1] ?? "  ", newline };
}

function memberInsertion(
  text: string,
  object: JsonNode,
  what: { style: Style; depth: number; members: Readonly<Record<string, unknown>> },
): Insertion {
  const multiline = isMultiline(text, object);
  const items = Object.entries(what.members).map(
    ([key, value]) =>
      `${JSON.stringify(key)}:${multiline ? " " : ""}${written(value, what, multiline)}`,
  );
  return insertion(object, object.members?.at(-1)?.end, { ...what, items, multiline });
}

function elementInsertion(
  text: string,
  array: JsonNode,
  what: { style: Style; depth: number; value: unknown },
): Insertion {
  const multiline = isMultiline(text, array);
  const items = [written(what.value, what, multiline)];
  return insertion(array, array.elements?.at(-1)?.end, { ...what, items, multiline });
}

/** A container stays on one line if it is on one; an empty one opens where the text has lines. */
function isMultiline(text: string, container: JsonNode): boolean {
  const isEmpty = (container.members ?? container.elements ?? []).length === 0;
  if (!isEmpty) return text.slice(container.start, container.end).includes("\n");
  return text.trim().includes("\n") || container.end - container.start === text.trim().length;
}

function insertion(
  container: JsonNode,
  lastEnd: number | undefined,
  how: { style: Style; depth: number; items: readonly string[]; multiline: boolean },
): Insertion {
  const { style, depth, items, multiline } = how;
  const gap = multiline ? style.newline + style.indent.repeat(depth) : "";
  const list = items.join(`,${gap}`);
  if (lastEnd !== undefined) return { at: lastEnd, piece: `,${gap}${list}` };
  const close = multiline ? style.newline + style.indent.repeat(depth - 1) : "";
  return { at: container.start + 1, piece: `${gap}${list}${close}` };
}

function written(
  value: unknown,
  where: { style: Style; depth: number },
  multiline: boolean,
): string {
  if (!multiline) return JSON.stringify(value);
  const { indent, newline } = where.style;
  const lines = JSON.stringify(value, null, indent).split("\n");
  return lines.join(newline + indent.repeat(where.depth));
}

function applied(text: string, insertions: readonly Insertion[]): Installed {
  const ordered = insertions.toSorted((a, b) => a.at - b.at);
  let from = 0;
  let made = "";
  for (const { at, piece } of ordered) {
    made += text.slice(from, at) + piece;
    from = at;
  }
  return { text: made + text.slice(from), pieces: ordered.map(({ piece }) => piece) };
}

export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, "") : "unreadable";
}
