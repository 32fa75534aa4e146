import { isRecord } from "./is-record.ts";
import { textField } from "./loose-fields.ts";

/** One block of a message's content. */
export type ContentBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string; readonly isRedacted: boolean }
  | { readonly type: "call"; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: "result";
      readonly id: string;
      readonly isError: boolean;
      readonly content: unknown;
    }
  | { readonly type: "media"; readonly media: "image" | "document"; readonly what: string }
  | { readonly type: "reference"; readonly what: string }
  | { readonly type: "unknown"; readonly name: string };

/** Blocks that were read, as long as the parsed line lives: several folds look at each. */
const read = new WeakMap<object, ContentBlock>();

/** Reads one block; one that is not known, or broken, comes back as `unknown`. */
export function parseBlock(value: unknown): ContentBlock {
  if (!isRecord(value)) return { type: "unknown", name: "(none)" };
  const known = read.get(value);
  if (known !== undefined) return known;
  const block = newBlock(value);
  read.set(value, block);
  return block;
}

/** Read by hand: there are more of these than of anything else. */
function newBlock(value: Record<string, unknown>): ContentBlock {
  const { type, text, thinking, tool_name: toolName, source } = value;
  if (typeof type !== "string") return { type: "unknown", name: "(none)" };
  switch (type) {
    case "text":
      return typeof text === "string" ? { type: "text", text } : { type: "unknown", name: type };
    case "thinking":
      return { type: "thinking", text: textField(thinking) ?? "", isRedacted: false };
    case "redacted_thinking":
      return { type: "thinking", text: "", isRedacted: true };
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return callOf(type, value);
    case "image":
    case "document":
      return { type: "media", media: type, what: mediaTypeOf(source) ?? type };
    case "tool_reference":
      return { type: "reference", what: textField(toolName) ?? "" };
    case "search_result":
    case "web_search_result":
      return { type: "reference", what: foundWords(value) };
    default:
      return type.endsWith("tool_result") ? resultOf(type, value) : { type: "unknown", name: type };
  }
}

/** The text of a message or of a tool's result, as the model reads it; media by their type. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((value: unknown) => wordsOf(parseBlock(value)))
    .filter((words) => words !== "")
    .join("\n");
}

/** True if a message or a tool's result holds a picture. */
export function hasMedia(content: unknown, media: "image" | "document"): boolean {
  if (!Array.isArray(content)) return false;
  return content.some((value: unknown) => {
    const block = parseBlock(value);
    return block.type === "media" && block.media === media;
  });
}

/** The first block that could not be read, by its type; undefined where there is none. */
export function unknownIn(content: unknown): string | undefined {
  if (!Array.isArray(content)) return undefined;
  for (const value of content) {
    const block = parseBlock(value);
    if (block.type === "unknown") return block.name;
  }
  return undefined;
}

function wordsOf(block: ContentBlock): string {
  if (block.type === "text") return block.text;
  if (block.type === "media") return `[${block.media} ${block.what}]`;
  return block.type === "reference" ? block.what : "";
}

/** Title and address of something that a search found. */
function foundWords({ title, url, source }: Record<string, unknown>): string {
  return [title, url ?? source].filter((part) => typeof part === "string").join(" ");
}

function callOf(type: string, value: Record<string, unknown>): ContentBlock {
  const { id, name, input } = value;
  const isCall = typeof id === "string" && typeof name === "string";
  return isCall ? { type: "call", id, name, input } : { type: "unknown", name: type };
}

function resultOf(type: string, value: Record<string, unknown>): ContentBlock {
  const { tool_use_id: id, is_error: isError, content } = value;
  if (typeof id !== "string") return { type: "unknown", name: type };
  return { type: "result", id, isError: isError === true, content };
}

function mediaTypeOf(source: unknown): string | undefined {
  return isRecord(source) ? textField(source["media_type"]) : undefined;
}
