import type { BlockKind, BlockRecord } from "../../model/ctx.ts";
import { type ContentBlock, parseBlock, textOf } from "./blocks.ts";
import { blockName, canonical, sha256 } from "./canonical.ts";

export type Role = BlockRecord["role"];

/** A block before it is known where it stands. */
export type LooseBlock = Pick<BlockRecord, "hash" | "kind" | "role" | "chars">;

/** One block of a message, named by what it holds. */
export function messageBlock(value: unknown, role: Role, kind?: BlockKind): LooseBlock {
  const name = blockName(value);
  const block = parseBlock(value);
  return {
    hash: name.sha256,
    kind: kind ?? kindOf(block, role),
    role,
    chars: charsOf(block, name.chars),
  };
}

/** A part of the system prompt, or a tool's description and schema. */
export function leadBlock(value: unknown, kind: "system" | "tools"): LooseBlock {
  const text = canonical(value);
  const block = kind === "system" ? parseBlock(value) : undefined;
  const chars = block?.type === "text" ? block.text.length : text.length;
  return { hash: sha256(text), kind, role: "system", chars };
}

function kindOf(block: ContentBlock, role: Role): BlockKind {
  if (block.type === "call") return "tool-call";
  if (block.type === "result") return "tool-result";
  if (role === "system") return "reminder";
  if (role === "assistant") return "assistant";
  if (block.type === "text" && block.text.startsWith("<system-reminder>")) return "reminder";
  return block.type === "media" ? "attachment" : "user";
}

/**
 * Characters that the model reads, of a block that is `written` long. A picture has none: its size
 * says nothing of its tokens.
 */
function charsOf(block: ContentBlock, written: number): number {
  switch (block.type) {
    case "text":
    case "thinking":
      return block.text.length;
    case "result":
      return textOf(block.content).length;
    case "media":
      return 0;
    case "call":
    case "reference":
    case "unknown":
      return written;
  }
}
