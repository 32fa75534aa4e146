import * as path from "node:path";

import { textHead } from "./text.ts";
import type { Step, ToolCall } from "./trace.ts";

const labelCharsMax = 200;

/** The one line a step is known by: a path, a command, the beginning of a text. Never an id. */
export function stepLabel(step: Step): string {
  return firstLine(stepSubject(step));
}

/** All of what {@link stepLabel} is the first line of. */
export function stepSubject(step: Step): string {
  const { tool } = step;
  switch (step.kind) {
    case "thinking":
      return thought(step);
    case "interruption":
      return "You interrupted";
    case "prompt":
    case "message":
    case "compaction":
      return textHead(step.text);
    case "notice":
      return noticeWords(textHead(step.text));
    case "read":
      return readWords(step);
    case "edit":
      return tool === null ? "Edit" : editWords(tool);
    case "command":
      return inputText(tool, "command") ?? tool?.name ?? "Command";
    case "search":
      return searchWords(tool);
    case "web":
      return inputText(tool, "url", "query") ?? tool?.name ?? "Web";
    case "subagent":
      return inputText(tool, "description", "prompt") ?? "a task";
    case "skill":
      return inputText(tool, "skill", "command", "name") ?? "Skill";
    case "plan":
      return inputText(tool, "plan") ?? planWords(tool) ?? textHead(step.text);
    case "tool":
      return toolWords(tool);
  }
}

function editWords(tool: ToolCall): string {
  const name = mainPath(tool) ?? tool.name;
  return tool.files.length > 1 ? `${name} and ${tool.files.length - 1} more` : name;
}

function thought(step: Step): string {
  const { atMs, endedAtMs } = step;
  if (atMs === null || endedAtMs === null || endedAtMs - atMs < 1_000) return "Thought";
  return `Thought for ${Math.round((endedAtMs - atMs) / 1_000)} s`;
}

/** A notice that is a tagged record says its summary; its ids tell a person nothing. */
function noticeWords(text: string): string {
  if (!text.trimStart().startsWith("<")) return text;
  const summary = /<summary>([^<]+)<\/summary>/u.exec(text)?.[1];
  if (summary !== undefined) return summary;
  const words = text.replaceAll(/<([a-z-]*(?:-id|-file))>[^<]*<\/\1>|<[^>]*>/gu, " ").trim();
  return words === "" ? "A notice without words" : words;
}

function readWords(step: Step): string {
  const name = step.tool === null ? undefined : mainPath(step.tool);
  if (name === undefined) return step.tool?.name ?? "Read";
  return step.flags.includes("image") ? `Looked at ${name}` : name;
}

function searchWords(tool: ToolCall | null): string {
  const what = inputText(tool, "pattern", "query", "glob");
  if (what === undefined) return tool?.name ?? "Search";
  const where = inputText(tool, "path");
  return where === undefined ? what : `${what} in ${where}`;
}

function planWords(tool: ToolCall | null): string | undefined {
  const todos = member(tool?.input, "todos");
  return Array.isArray(todos) ? `Plan with ${todos.length} items` : undefined;
}

/** `server: tool` for an MCP tool, else the name, with its first short argument. */
function toolWords(tool: ToolCall | null): string {
  if (tool === null) return "Tool";
  const [prefix, server, ...rest] = tool.name.split("__");
  const name = prefix === "mcp" && rest.length > 0 ? `${server}: ${rest.join("__")}` : tool.name;
  const argument = Object.values(isRecord(tool.input) ? tool.input : {}).find(
    (value) => typeof value === "string" && value !== "",
  );
  return typeof argument === "string" ? `${name} ${firstLine(argument)}` : name;
}

/** The path that a call is about, as its files or its input name it. */
export function mainPath(tool: ToolCall): string | undefined {
  return tool.files[0]?.path ?? inputText(tool, "file_path", "notebook_path", "path");
}

const opWords = {
  read: null,
  modify: null,
  create: "new",
  delete: "deleted",
  rename: "renamed",
} as const;

/** `new`, `deleted`, `renamed`; null for what needs no word. */
export function stepDetail(step: Step): string | null {
  if (step.flags.includes("background")) return "in the background";
  if (step.kind !== "edit") return null;
  const op = step.tool?.files[0]?.op;
  return op === undefined ? null : opWords[op];
}

export function baseName(name: string): string {
  return path.posix.basename(name);
}

function inputText(tool: ToolCall | null, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = member(tool?.input, key);
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return undefined;
}

function member(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  const line = text.trim().split(/\r?\n/u, 1)[0] ?? "";
  return line.length <= labelCharsMax ? line : `${line.slice(0, labelCharsMax - 1)}…`;
}
