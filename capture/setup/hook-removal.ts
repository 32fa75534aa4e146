import { isObject, withoutMark } from "./hook-entries.ts";
import { type JsonNode, locateJson, memberOf } from "./json-text.ts";

/** Tells our hook commands from the user's. */
export type IsOurs = (command: string) => boolean;

/**
 * Takes our entries out of a settings text that was checked.
 *
 * First by the very pieces that were put in, so that everything else keeps its bytes; if that does
 * not give the same settings (someone rewrote the file), entry by entry, and what that leaves
 * empty goes as well.
 */
export function removeEntries(text: string, isOurs: IsOurs, pieces: readonly string[]): string {
  if (!holdsOurs(text, isOurs)) return text;
  return withoutPieces(text, isOurs, pieces) ?? withoutOurEntries(text, isOurs);
}

/** Whether any of our entries is in a settings text. */
function holdsOurs(text: string, isOurs: IsOurs): boolean {
  return commandsOf(JSON.parse(withoutMark(text))).some(isOurs);
}

/** Every hook command of a settings value, whatever shape the rest has. */
function commandsOf(settings: unknown): string[] {
  const hooks = isObject(settings) && isObject(settings["hooks"]) ? settings["hooks"] : {};
  return Object.values(hooks)
    .flatMap((groups) => (Array.isArray(groups) ? groups : []))
    .flatMap((group) => (isObject(group) && Array.isArray(group["hooks"]) ? group["hooks"] : []))
    .flatMap((hook) =>
      isObject(hook) && typeof hook["command"] === "string" ? hook["command"] : [],
    );
}

/** Null if a piece is not there as it was, or if taking them out leaves no valid settings. */
function withoutPieces(text: string, isOurs: IsOurs, pieces: readonly string[]): string | null {
  let rest = text;
  for (const piece of pieces) {
    const at = rest.indexOf(piece);
    if (piece === "" || at === -1 || rest.includes(piece, at + 1)) return null;
    rest = rest.slice(0, at) + rest.slice(at + piece.length);
  }
  try {
    return holdsOurs(rest, isOurs) ? null : rest;
  } catch {
    return null;
  }
}

function withoutOurEntries(text: string, isOurs: IsOurs): string {
  let rest = text;
  // Each round takes one entry out, and the text is located anew: simple, and there are a dozen.
  for (let cut = findCut(rest, isOurs); cut !== null; cut = findCut(rest, isOurs)) {
    rest = rest.slice(0, cut.start) + rest.slice(cut.end);
  }
  return rest;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The next thing to take out: one hook of ours, with the group, list and object it alone fills. */
function findCut(text: string, isOurs: IsOurs): Span | null {
  const root = locateJson(text);
  const hooks = memberOf(root, "hooks");
  for (const event of hooks?.value.members ?? []) {
    for (const group of event.value.elements ?? []) {
      const list = memberOf(group, "hooks")?.value.elements ?? [];
      const ours = list.find((hook) => isOurs(commandAt(text, hook)));
      if (ours === undefined || hooks === undefined) continue;
      if (list.length > 1) return spanOf(list, ours, group);
      const groups = event.value.elements ?? [];
      if (groups.length > 1) return spanOf(groups, group, event.value);
      const events = hooks.value.members ?? [];
      if (events.length > 1) return spanOf(events, event, hooks.value);
      return spanOf(root.members ?? [], hooks, root);
    }
  }
  return null;
}

function commandAt(text: string, hook: JsonNode): string {
  const command = memberOf(hook, "command")?.value;
  if (command === undefined || text[command.start] !== '"') return "";
  return String(JSON.parse(text.slice(command.start, command.end)));
}

/** An item with one of its commas; of a container with nothing else in it, the whole inside. */
function spanOf(items: readonly Span[], item: Span, container: Span): Span {
  const index = items.indexOf(item);
  const before = items[index - 1];
  if (before !== undefined) return { start: before.end, end: item.end };
  const after = items[index + 1];
  if (after !== undefined) return { start: item.start, end: after.start };
  return { start: container.start + 1, end: container.end - 1 };
}
