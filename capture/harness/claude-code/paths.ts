import { posix, win32 } from "node:path";
import { parsedOrUndefined } from "../../base/jsonl.ts";
import type { SessionFacts } from "../../model/trace.ts";
import type { HarnessEnvironment, NativeFileRef } from "../adapter.ts";
import { isRecord } from "./is-record.ts";

const harness = "claude-code";
const sessionId = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const mainFile = new RegExp(`/[^/]+/(${sessionId})\\.jsonl$`);
const agentFile = new RegExp(`/(${sessionId})/subagents/(?:[^/]+/)*agent-([\\w-]{1,128})\\.jsonl$`);
const wholeSessionId = new RegExp(`^${sessionId}$`);

/** The one folder below which the client keeps a folder a project. */
export function roots({ home, env }: HarnessEnvironment): readonly string[] {
  const configured = env["CLAUDE_CONFIG_DIR"];
  const path = isWindowsPath(configured ?? home) ? win32 : posix;
  const config =
    configured === undefined || configured === "" ? path.join(home, ".claude") : configured;
  return [path.join(config, "projects")];
}

/** Main file `<slug>/<session>.jsonl`; sub-agents `<session>/subagents/agent-<id>.jsonl`. */
export function classify(path: string): NativeFileRef | null {
  const name = path.replaceAll("\\", "/");
  const agent = agentFile.exec(name);
  if (agent?.[1] !== undefined && agent[2] !== undefined) {
    return { harness, nativeId: agent[1].toLowerCase(), agent: agent[2], path };
  }
  const main = mainFile.exec(name);
  if (main?.[1] === undefined) return null;
  return { harness, nativeId: main[1].toLowerCase(), agent: null, path };
}

/** A transcript says its session on nearly every line; a sub-agent's says the agent as well. */
export function recognise(path: string, firstLines: readonly string[]): NativeFileRef | null {
  for (const line of firstLines) {
    const record = parsedOrUndefined(line);
    if (!isRecord(record) || typeof record["type"] !== "string") continue;
    const { sessionId: nativeId, agentId: agent } = record;
    if (typeof nativeId !== "string" || !wholeSessionId.test(nativeId)) continue;
    const isAgent = typeof agent === "string" && /^[\w-]{1,128}$/.test(agent);
    return { harness, nativeId: nativeId.toLowerCase(), agent: isAgent ? agent : null, path };
  }
  return null;
}

/** A sub-agent's file has a `.meta.json` beside it. */
export function companions(file: NativeFileRef): readonly string[] {
  return file.agent === null ? [] : [file.path.replace(/\.jsonl$/, ".meta.json")];
}

/** Who started a sub-agent and as what, from its `.meta.json`. */
export function companionFacts(content: string): SessionFacts {
  const meta = parsedOrUndefined(content);
  if (!isRecord(meta)) return {};
  const { agentType, description, toolUseId } = meta;
  return {
    ...(typeof agentType === "string" ? { agentType } : {}),
    ...(typeof description === "string" ? { agentDescription: description } : {}),
    ...(typeof toolUseId === "string" ? { parentCallId: toolUseId } : {}),
  };
}

/** A path as the records carry it: relative to the work tree where inside, absolute otherwise. */
export function recordedPath(path: string, place: { root: string | null; cwd: string | null }) {
  const { root } = place;
  // The usual case, without taking the path to pieces.
  const isPlain =
    root !== null && path.startsWith(`${root}/`) && !/\/(\.?\.?\/|\.\.?$|$)/.test(path);
  if (isPlain) return path.slice(root.length + 1);
  const base = place.root ?? place.cwd;
  const isWindows = isWindowsPath(path) || (base !== null && isWindowsPath(base));
  const system = isWindows ? win32 : posix;
  const absolute = system.isAbsolute(path)
    ? system.normalize(path)
    : system.join(place.cwd ?? place.root ?? "", path);
  const relative = place.root === null ? null : system.relative(place.root, absolute);
  const isInside =
    relative !== null &&
    relative !== "" &&
    !/^\.\.($|[\\/])/.test(relative) &&
    !system.isAbsolute(relative);
  const recorded = isInside ? relative : absolute;
  return isWindows ? recorded.replaceAll("\\", "/") : recorded;
}

function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(path);
}
