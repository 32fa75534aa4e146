import { isApproval } from "./approvals.ts";
import { hasMedia, textOf } from "./blocks.ts";
import type { UserLine } from "./lines.ts";
import type { StepFold } from "./step-fold.ts";

/** What a user record is that carries no tool result. */
export type UserText =
  | { readonly is: "prompt"; readonly text: string; readonly flags: readonly string[] }
  | { readonly is: "interruption"; readonly text: string }
  | { readonly is: "summary"; readonly text: string }
  | { readonly is: "shell"; readonly text: string }
  | { readonly is: "shell-output"; readonly text: string }
  | { readonly is: "notice"; readonly text: string; readonly flags: readonly string[] };

/** Slash commands that the client answers itself: no turn of the agent follows. */
const localCommands: ReadonlySet<string> = new Set(
  (
    "add-dir agents bug clear color compact config context copy cost doctor effort exit export " +
    "extra-usage fast feedback fork help hooks ide install-github-app keybindings login logout " +
    "mcp memory mobile model output-style permissions plan plugin privacy-settings quit " +
    "release-notes reload-plugins remote-control remote-env rename resume rewind sandbox skills " +
    "stats status statusline stickers tasks terminal-setup theme todos upgrade usage vim"
  ).split(" "),
);

const commandName = /<command-name>\/?([^<]*)<\/command-name>/;
const commandArguments = /<command-args>([\s\S]*?)<\/command-args>/;
const interruption = /^\[Request interrupted by user( for tool use)?\]$/;
const clientWords = /^<(system-reminder|teammate-message)/;
const localOutput = /^<local-command-(stdout|stderr|caveat)>/;

/** What the client puts before the words of a person, or in their place. */
const added =
  /\s*<(system-reminder|ide_opened_file|ide_selection|user-prompt-submit-hook)>[\s\S]*?<\/\1>\s*/y;
const continuation = /^This session is being continued from a previous conversation\b/;

/** Tells what a person typed from what the client wrote in their name. */
export function classifyUserText(line: UserLine, content: unknown): UserText {
  const whole = textOf(content);
  const typed = line.isMeta === true ? whole : typedWords(content);
  const text = typed === "" ? whole : typed;
  const trimmed = text.trim();
  if (line.isCompactSummary === true || continuation.test(trimmed)) return { is: "summary", text };
  if (interruption.test(trimmed)) return { is: "interruption", text: trimmed };
  const shell = shellOf(trimmed);
  if (shell !== undefined) return shell;
  if (trimmed.startsWith("<task-notification>")) {
    return { is: "notice", text, flags: ["task-notification"] };
  }
  if (localOutput.test(trimmed)) {
    return {
      is: "notice",
      text: untagged(trimmed),
      flags: [line.isMeta === true ? "meta" : "command"],
    };
  }
  const command = commandOf(line, trimmed);
  if (command !== undefined) return command;
  if (line.isMeta === true) return { is: "notice", text, flags: ["meta"] };
  if (line.promptSource === "system" || clientWords.test(trimmed) || text !== typed) {
    return { is: "notice", text, flags: ["meta"] };
  }
  return { is: "prompt", text, flags: mediaFlags(content) };
}

/** A message without what the client added; empty where nothing else is in it. */
function typedWords(content: unknown): string {
  const parts = Array.isArray(content) ? content : [content];
  return parts
    .map((part: unknown) => withoutAdded(textOf(typeof part === "string" ? part : [part])))
    .filter((text) => text !== "")
    .join("\n");
}

function withoutAdded(text: string): string {
  let end = 0;
  added.lastIndex = 0;
  while (added.test(text)) end = added.lastIndex;
  return text.slice(end);
}

/**
 * Adds a prompt, with what it approves if it only says yes.
 *
 * Only the substantive prompts and the plans before it can be approved, the latest first.
 */
export class PromptFold {
  readonly #steps: StepFold;
  #approvable: number | null = null;

  constructor(steps: StepFold) {
    this.#steps = steps;
  }

  add(prompt: { text: string; flags: readonly string[]; byAgent: boolean }): number {
    const { text, flags, byAgent } = prompt;
    const isYes = !byAgent && this.#approvable !== null && isApproval(text);
    const approves = isYes ? this.#approvable : null;
    const actor = byAgent ? "agent" : "user";
    const index = this.#steps.add({ kind: "prompt", actor, text, flags, approves });
    if (!isYes) this.#approvable = index;
    return index;
  }

  /** A plan was proposed: a "yes" after it is about the plan. */
  proposed(step: number): void {
    this.#approvable = step;
  }
}

/** A command that a person ran in the agent's prompt with `!`, and what it printed. */
function shellOf(text: string): UserText | undefined {
  const command = /^<bash-input>([\s\S]*)<\/bash-input>$/.exec(text)?.[1];
  if (command !== undefined) return { is: "shell", text: command };
  const output =
    /^<bash-stdout>([\s\S]*?)<\/bash-stdout>(?:\s*<bash-stderr>([\s\S]*)<\/bash-stderr>)?$/.exec(
      text,
    );
  if (output === null) return undefined;
  const [, stdout = "", stderr = ""] = output;
  const printed = [stdout, stderr].filter((part) => part !== "").join("\n");
  return { is: "shell-output", text: printed };
}

/** The slash command that a record's tags stand for, as it was typed; undefined if they do not. */
export function typedCommand(text: string): { name: string; typed: string } | undefined {
  if (!text.startsWith("<command-")) return undefined;
  const name = commandName.exec(text)?.[1]?.trim();
  if (name === undefined) return undefined;
  return { name, typed: `/${name} ${commandArguments.exec(text)?.[1] ?? ""}`.trim() };
}

/** What stands between the one pair of tags that a text consists of; other texts as they are. */
export function untagged(text: string): string {
  return text.replace(/^<([\w-]+)>([\s\S]*)<\/\1>$/, "$2");
}

function commandOf(line: UserLine, text: string): UserText | undefined {
  const command = typedCommand(text);
  if (command === undefined) return undefined;
  const { name, typed } = command;
  // The client says of what drives a turn where it came from; of its own commands it does not.
  const isSourced = line.promptSource !== undefined || line.turnOrigin !== undefined;
  if (!isSourced && (localCommands.has(name) || line.isMeta === true)) {
    return { is: "notice", text: typed, flags: ["command"] };
  }
  return { is: "prompt", text: typed, flags: ["command"] };
}

function mediaFlags(content: unknown): string[] {
  return (["image", "document"] as const).filter((media) => hasMedia(content, media));
}
