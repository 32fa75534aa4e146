import { type ContentBlock, parseBlock } from "./blocks.ts";
import { blocksOf } from "./canonical.ts";
import { type Folds, placeOf } from "./folds.ts";
import type { UserLine } from "./lines.ts";
import { classifyUserText, type UserText } from "./prompts.ts";
import { foldResult } from "./results.ts";
import { foldTaskNotification } from "./task-notification.ts";

/** Folds a `user` record: results of tools, and what was said besides. */
export function foldUser(line: UserLine, folds: Folds): void {
  const { steps, compactions } = folds;
  if (line.isCompactSummary !== true) compactions.flush();
  const values = blocksOf(line.message.content);
  const blocks = values.map((value) => parseBlock(value));
  const words = values.filter((_, index) => isSaid(blocks[index]));
  for (const block of blocks) {
    if (block.type === "unknown") {
      steps.issue("block-type-unknown", `Blocks of type "${block.name}" are not known.`);
    }
    if (block.type === "result") {
      foldResult(block, line, { steps, edits: folds.edits, place: placeOf(folds) });
    }
  }
  const said = words.length === 0 ? undefined : foldWords(line, words, folds);
  folds.ctx.message(
    { role: "user", content: line.message.content, ...kindOf(said?.text) },
    (index) => stepOf(blocks[index], said?.step, folds),
  );
}

/** What is no result and could be read; a message of nothing at all was said as well. */
function isSaid(block: ContentBlock | undefined): boolean {
  return block !== undefined && block.type !== "result" && block.type !== "unknown";
}

function foldWords(
  line: UserLine,
  content: readonly unknown[],
  folds: Folds,
): { text: UserText; step: number | null } {
  const text = classifyUserText(line, content);
  return { text, step: foldText(text, line, folds) };
}

function foldText(text: UserText, line: UserLine, folds: Folds): number | null {
  const { steps } = folds;
  // After a rewind a person may first run a command: whatever they do next tells of it.
  if (text.is === "prompt" || text.is === "shell" || text.is === "notice") foldRewind(line, folds);
  switch (text.is) {
    case "prompt":
      return foldPrompt(text, folds);
    case "summary": {
      const step = folds.compactions.summary(text.text);
      folds.branches.addTurn(step);
      return step;
    }
    case "interruption":
      return steps.add({ kind: "interruption", actor: "user", text: text.text });
    case "shell": {
      const call = { id: `shell-${steps.next}`, name: "Bash", input: { command: text.text } };
      return steps.add({ kind: "command", actor: "user", text: text.text, call });
    }
    case "shell-output": {
      const isJoined = steps.addShellResult(text.text);
      return isJoined ? null : steps.add({ kind: "notice", actor: "harness", text: text.text });
    }
    case "notice":
      foldTaskNotification(text.text, steps);
      return steps.add({ kind: "notice", actor: "harness", text: text.text, flags: text.flags });
  }
}

function foldRewind({ parentUuid }: UserLine, { steps, branches, ctx }: Folds): void {
  const abandoned = branches.abandonedFrom(parentUuid);
  if (abandoned === undefined || typeof parentUuid !== "string") return;
  steps.abandon(abandoned, steps.next - 1);
  ctx.rewound(parentUuid);
}

function foldPrompt(prompt: Extract<UserText, { is: "prompt" }>, folds: Folds): number {
  const { steps, branches, prompts } = folds;
  const byAgent = folds.file.agent !== null || steps.context.isSidechain;
  const step = prompts.add({ text: prompt.text, flags: prompt.flags, byAgent });
  branches.addTurn(step);
  return step;
}

function stepOf(
  block: ContentBlock | undefined,
  said: number | null | undefined,
  folds: Folds,
): number | null {
  if (block?.type === "result") return folds.steps.call(block.id)?.step ?? null;
  return said ?? null;
}

/** The summary of a compaction, and what the client says, are blocks of a kind of their own. */
function kindOf(text: UserText | undefined): { kind?: "compaction" | "reminder" } {
  if (text?.is === "summary") return { kind: "compaction" };
  return text?.is === "notice" ? { kind: "reminder" } : {};
}
