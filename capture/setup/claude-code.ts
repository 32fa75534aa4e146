import { homedir } from "node:os";
import * as path from "node:path";

import type { Home } from "../base/home.ts";
import { readingTools } from "../harness/claude-code/tools.ts";
import type { HookEntry } from "./hook-entries.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Long enough for a snapshot of a large tree; Claude Code's own limit is a minute. */
const hookSecondsMax = 10;

/**
 * Matches whole names of all tools but {@link readingTools}: a regular expression of JavaScript,
 * which Claude Code tests a tool's name with.
 */
const changingToolsMatcher = `^(?!(?:${readingTools.join("|")})$).*$`;

// What is needed and no more: windows of calls that can change files, prompts, turns, sub-agents
// and compactions. Each of these events exists in the oldest client that is supported; a name that
// a client does not know would make it distrust the whole file.
const plainEvents = [
  "SessionStart",
  "UserPromptSubmit",
  "Stop",
  "SubagentStart",
  "SubagentStop",
  "PreCompact",
  "PostCompact",
  "SessionEnd",
] as const;
const toolEvents = ["PreToolUse", "PostToolUse", "PostToolUseFailure"] as const;

/** Claude Code's folder, found as it finds it: `CLAUDE_CONFIG_DIR`, else `~/.claude`. */
export function claudeFolder(env: Environment): string {
  const named = env["CLAUDE_CONFIG_DIR"];
  if (named !== undefined && named !== "") return path.resolve(named);
  return path.join(env["HOME"] ?? homedir(), ".claude");
}

export function claudeSettingsFile(env: Environment): string {
  return path.join(claudeFolder(env), "settings.json");
}

/** The entries that capture needs in `settings.json`. */
export function claudeEntries(home: Home): readonly HookEntry[] {
  const entry = (event: string, matcher?: string): HookEntry => ({
    event,
    ...(matcher === undefined ? {} : { matcher }),
    command: `${claudeCommand(home)} ${event}`,
    timeoutSeconds: hookSecondsMax,
  });
  return [
    ...plainEvents.map((event) => entry(event)),
    ...toolEvents.map((event) => entry(event, changingToolsMatcher)),
  ];
}

/** The shim's call without the event; what tells our hooks from the user's. */
function claudeCommand(home: Home): string {
  return `${shellWord(home.shimFile.replaceAll("\\", "/"))} claude-code`;
}

export function isClaudeHook(home: Home): (command: string) => boolean {
  const ours = claudeCommand(home);
  return (command) => command === ours || command.startsWith(`${ours} `);
}

/** A path as one word for `sh`; quoted only where it has to be. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
