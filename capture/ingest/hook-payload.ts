import { isAbsolute, relative, resolve, sep } from "node:path";
import { parsedOrUndefined } from "../base/jsonl.ts";
import { reachOfTool } from "../harness/tool-reach.ts";
import type { SnapshotCause } from "../model/events.ts";
import { type HarnessId, harnessIds } from "../model/ids.ts";
import { isSafeNativeId } from "../bucket/unit-paths.ts";

/** One hook payload, as far as capture reads it. Claude Code and Codex share this shape. */
export interface HookPayload {
  readonly nativeId: string;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  readonly name: string;
  readonly callId: string | null;
  readonly agent: string | null;
  readonly tool: string | null;
  /** As the tool names them: absolute or relative to `cwd`. */
  readonly paths: readonly string[];
  readonly background: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Name of a spool file, taken apart. */
export interface SpoolName {
  readonly stem: string;
  readonly harness: HarnessId;
  readonly atMs: number;
}

/** Fields of a payload that say something the transcript may not. */
const keptFields = [
  "prompt",
  "source",
  "reason",
  "trigger",
  "error",
  "is_interrupt",
  "duration_ms",
  "agent_type",
  "permission_mode",
  "prompt_id",
  "stop_hook_active",
  "message",
  "notification_type",
] as const;

export function parseSpoolName(fileName: string): SpoolName | null {
  const match = /^(\d{10,19})-\d+\.([a-z-]+)\.json$/.exec(fileName);
  const harness = harnessIds.find((known) => known === match?.[2]);
  if (match?.[1] === undefined || harness === undefined) return null;
  const atMs = Number(match[1].padEnd(19, "0").slice(0, 13));
  return { stem: fileName.slice(0, -".json".length), harness, atMs };
}

/** Reads a gated payload; null where it is none. Total. */
export function parseHookPayload(text: string): HookPayload | null {
  const value = parsedOrUndefined(text);
  if (!isRecord(value)) return null;
  const nativeId = textOf(value["session_id"])?.toLowerCase();
  const name = textOf(value["hook_event_name"]);
  if (nativeId === undefined || name === undefined || !isSafeNativeId(nativeId)) return null;
  const input = isRecord(value["tool_input"]) ? value["tool_input"] : {};
  const fields: Record<string, unknown> = {};
  for (const key of keptFields) if (value[key] !== undefined) fields[key] = value[key];
  return {
    nativeId,
    name,
    fields,
    transcriptPath: textOf(value["transcript_path"]) ?? null,
    cwd: textOf(value["cwd"]) ?? null,
    callId: textOf(value["tool_use_id"]) ?? null,
    agent: textOf(value["agent_id"]) ?? null,
    tool: textOf(value["tool_name"]) ?? null,
    paths: pathsIn(input),
    background: input["run_in_background"] === true,
  };
}

/** Why a snapshot belongs to this event; null where no file can have changed on its account. */
export function snapshotCauseOf(payload: HookPayload): SnapshotCause | null {
  switch (payload.name) {
    case "SessionStart":
      return "session-start";
    case "UserPromptSubmit":
      return "prompt";
    case "Stop":
    case "StopFailure":
    case "SessionEnd":
      return "stop";
    case "PreToolUse":
      return mayChangeFiles(payload) ? "pre" : null;
    case "PostToolUse":
    case "PostToolUseFailure":
      return mayChangeFiles(payload) ? "post" : null;
    default:
      return null;
  }
}

/**
 * The paths that may have changed since the session's last snapshot; null where git is asked.
 *
 * Only after an edit is it known that nothing else moved on the agent's account. What the user did
 * meanwhile is found when the next event asks git.
 */
export function declaredPaths(payload: HookPayload): readonly string[] | null {
  const isEdit = payload.tool !== null && reachOfTool(payload.tool) === "named";
  if (payload.name === "PreToolUse" || !isEdit || payload.paths.length === 0) return null;
  return payload.paths;
}

/** A path as the records carry it: relative to `root` where it lies inside. */
export function recordedPath(path: string, place: { root: string; cwd: string }): string {
  const absolute = resolve(place.cwd, path);
  const inside = relative(place.root, absolute);
  const isInside = inside !== "" && !/^\.\.(?:$|[\\/])/u.test(inside) && !isAbsolute(inside);
  // Elsewhere a backslash is a character of a name.
  return (isInside ? inside : absolute).replaceAll(sep, "/");
}

function mayChangeFiles({ tool }: HookPayload): boolean {
  return tool === null || reachOfTool(tool) !== "none";
}

function pathsIn(input: Readonly<Record<string, unknown>>): string[] {
  const named = [input["file_path"], input["notebook_path"], input["path"]];
  return named.filter((path) => typeof path === "string").filter((path) => path !== "");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
