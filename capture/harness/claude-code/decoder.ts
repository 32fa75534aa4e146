import { parsedOrUndefined } from "../../base/jsonl.ts";
import type { SourceMapRecord } from "../../model/session.ts";
import type { Decoded, FileDecoder, RawLine } from "../adapter.ts";
import { foldAssistant } from "./assistant-lines.ts";
import { foldAttachment } from "./attachment-lines.ts";
import { parseBlock } from "./blocks.ts";
import { blocksOf } from "./canonical.ts";
import { type Folds, type OpenedFile, openFolds } from "./folds.ts";
import { skippedTypes } from "./known-names.ts";
import type { TranscriptLine } from "./lines.ts";
import { isTranscriptType, readTranscriptLine } from "./read-line.ts";
import { isForeign } from "./session-facts.ts";
import { foldSystem } from "./system-lines.ts";
import { foldUser } from "./user-lines.ts";

/** What is nested deeper than this cannot be written into a record again. */
const nestingMax = 500;

/** The left fold of one native file of Claude Code; `README.md` says what the lines mean. */
export class ClaudeDecoder implements FileDecoder {
  readonly #folds: Folds;
  #hasTranscript = false;
  /** When the first process wrote into this file, where it says so. */
  #openedAtMs = Number.NaN;

  constructor(file: OpenedFile) {
    this.#folds = openFolds(file);
  }

  decode(raw: RawLine, map: SourceMapRecord): Decoded {
    const { steps, ctx } = this.#folds;
    steps.begin({ raw, ...nothing, isGated: map.s !== undefined });
    ctx.begin(raw.line);
    const record = raw.value ?? parsedOrUndefined(raw.text);
    if (!isRecord(record)) steps.issue("line-not-json", "The line is not a JSON object.");
    else if (!isShallow(record, nestingMax)) {
      steps.issue("line-not-understood", `The line is nested deeper than ${nestingMax} levels.`);
    } else this.#fold(record, raw, map);
    return { ...steps.end(), ctx: ctx.end() };
  }

  #fold(record: Record<string, unknown>, raw: RawLine, map: SourceMapRecord): void {
    const { steps, facts, ctx } = this.#folds;
    const type = record["type"];
    if (typeof type !== "string") {
      steps.issue("line-not-understood", "The line has no type.");
    } else if (isTranscriptType(type)) {
      const line = readTranscriptLine(type, record);
      if (typeof line !== "string") this.#foldTranscript(line, raw, map);
      else {
        steps.issue("line-not-understood", `A line of type "${type}" is not as expected: ${line}`);
      }
    } else if (skippedTypes.has(type)) {
      if (type === "queue-operation" && !this.#hasTranscript) this.#opened(record["timestamp"]);
    } else if (type === "custom-title" || type === "ai-title") {
      facts.title(record);
    } else if (type.startsWith("api-request")) {
      const problem = ctx.journal(record, map.v ?? []);
      if (problem !== undefined) steps.issue(problem.rule, problem.message);
    } else {
      steps.issue("line-type-unknown", `Lines of type "${type}" are not known.`);
    }
  }

  /** What is older than the file was copied into it. Clients before 2.1.3xx give no other sign. */
  #opened(timestamp: unknown): void {
    if (Number.isNaN(this.#openedAtMs)) this.#openedAtMs = Date.parse(String(timestamp));
  }

  #foldTranscript(line: TranscriptLine, raw: RawLine, map: SourceMapRecord): void {
    const { steps, branches, facts, ctx } = this.#folds;
    const mark = markOf(line);
    const known = line.uuid === undefined ? undefined : branches.markOf(line.uuid);
    // A session that was written into its file twice has happened once.
    if (known === mark) return;
    const uuid = known === undefined ? (line.uuid ?? null) : null;
    if (known !== undefined) {
      steps.issue("line-not-understood", `Another record is named "${line.uuid}" as well.`);
    }
    this.#hasTranscript = true;
    const atMs = Date.parse(line.timestamp ?? "");
    steps.continue({
      raw,
      uuid,
      atMs: Number.isNaN(atMs) ? null : atMs,
      cwd: line.cwd ?? null,
      isSidechain: line.isSidechain === true,
      isGated: map.s !== undefined,
      isCopied: isForeign(line) || atMs < this.#openedAtMs - clockSlackMs,
    });
    facts.transcript(line);
    foldLine(line, this.#folds);
    if (uuid === null) return;
    branches.folded(uuid, mark, steps.next);
    ctx.folded(uuid);
  }
}

/** A prompt may bear a time from just before it was put into the queue. */
const clockSlackMs = 500;

const nothing = { uuid: null, atMs: null, cwd: null, isSidechain: false, isCopied: false } as const;

function foldLine(line: TranscriptLine, folds: Folds): void {
  switch (line.type) {
    case "user":
      foldUser(line, folds);
      return;
    case "assistant":
      foldAssistant(line, folds);
      return;
    case "system":
      foldSystem(line, folds);
      return;
    case "attachment":
      foldAttachment(line, folds);
      return;
  }
}

/** Tells records of one name apart, by their blocks; the same record again has the same mark. */
function markOf(line: TranscriptLine): string {
  if (line.type === "system") return `system ${line.subtype ?? ""}`;
  if (line.type === "attachment") return `attachment ${line.attachment.type}`;
  const blocks = blocksOf(line.message.content).map((value) => {
    const block = parseBlock(value);
    const { type } = block;
    if (type === "call" || type === "result") return `${type} ${block.id}`;
    return type === "text" || type === "thinking" ? `${type} ${block.text.length}` : type;
  });
  return `${line.type} ${blocks.join()}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  const members = Array.isArray(value) ? value : Object.values(value);
  for (const member of members) {
    if (typeof member === "object" && !isShallow(member, levels - 1)) return false;
  }
  return true;
}
