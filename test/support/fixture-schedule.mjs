// The order of events of a recorded session, derived from the recording alone: hook payloads
// carry the time of their call, transcript lines a time and a place in their file, and the
// result of each edit stands in the payload that closes it.

/** Shell commands that can change a work tree; the others of a recording are not run again. */
const WRITING_COMMANDS = [
  /\bgit (add|commit|mv|rm|checkout|switch|restore|reset|merge|stash|apply)\b/,
  /\b(mv|cp|rm|mkdir|touch|tee)\b|\bsed -i/,
  /(^|[^2&\d])>(?!&)/,
];

/** At the same instant: a file before the line that names it, the line, the edit, its payload. */
const RANK = { file: 0, line: 1, edit: 2, hook: 3 };

/**
 * The merged schedule, earliest first. Items: `{kind: 'hook', atMs, payload}`,
 * `{kind: 'line', atMs, path, line, text}` (path below the config folder, 1-based line),
 * `{kind: 'file', atMs, path, text}` (a whole side file),
 * `{kind: 'edit', atMs, toolUseId, startMs, change}`.
 */
export function scheduleOf({ files, hooks }) {
  const calls = hooks.map(({ atNs, payload }) => ({
    kind: "hook",
    atMs: Number(atNs / 1000n) / 1000,
    payload,
  }));
  const lines = files
    .filter(({ path }) => path.endsWith(".jsonl"))
    .flatMap((file) => linesOf(file, calls));
  const sides = files
    .filter(({ path }) => !path.endsWith(".jsonl"))
    .map((file) => sideFile(file, lines));
  const items = [...sides, ...lines, ...editsOf(calls), ...calls];
  return items
    .map((item, at) => ({ item, at }))
    .sort(
      (a, b) => a.item.atMs - b.item.atMs || RANK[a.item.kind] - RANK[b.item.kind] || a.at - b.at,
    )
    .map(({ item }) => item);
}

/**
 * A line is written no earlier than the one before it, whatever its own time says, and none of
 * a session before the session's first hook (a fork begins with copies of old lines).
 */
function linesOf({ path, records }, calls) {
  const session = /([^/]+)\.jsonl$/.exec(path)?.[1];
  const first = calls.find(({ payload }) => payload.session_id === session);
  let atMs = first?.atMs ?? 0;
  return records.map((record, index) => {
    const own = record.timestamp === undefined ? 0 : Date.parse(record.timestamp);
    atMs = Math.max(atMs, own);
    return { kind: "line", atMs, path, line: index + 1, text: JSON.stringify(record) };
  });
}

/** A side file exists when the first line that belongs to it or names it is written. */
function sideFile({ path, text }, lines) {
  const name = path.split("/").pop() ?? path;
  const stem = name.replace(/\.meta\.json$/, ".jsonl");
  const first = lines.find((line) => line.path.endsWith(stem) || line.text.includes(name));
  return { kind: "file", atMs: first?.atMs ?? lines.at(-1)?.atMs ?? 0, path, text };
}

/** What each closed call changed, just before the payload that closes it. */
function editsOf(calls) {
  return calls.flatMap(({ atMs, payload }) => {
    const change = changeOf(payload);
    if (change === null) return [];
    const start = calls.find(
      ({ payload: open }) =>
        open.hook_event_name === "PreToolUse" && open.tool_use_id === payload.tool_use_id,
    );
    const startMs = start?.atMs ?? atMs;
    return [{ kind: "edit", atMs, startMs, toolUseId: payload.tool_use_id, change }];
  });
}

function changeOf({ hook_event_name: event, tool_name: tool, tool_input: input, ...rest }) {
  if (event !== "PostToolUse" && event !== "PostToolUseFailure") return null;
  if (tool === "Bash") {
    if (!WRITING_COMMANDS.some((form) => form.test(input.command))) return null;
    return { kind: "command", command: input.command };
  }
  if (event !== "PostToolUse") return null;
  const { tool_response: result } = rest;
  if (tool === "Write") return { kind: "write", path: result.filePath, text: result.content };
  if (tool !== "Edit") return null;
  const { filePath: path, oldString, newString, replaceAll } = result;
  return { kind: "replace", path, oldString, newString, everywhere: replaceAll === true };
}
