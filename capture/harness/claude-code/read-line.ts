import { isRecord } from "./is-record.ts";
import {
  AssistantLine,
  AttachmentLine,
  SystemLine,
  type TranscriptLine,
  UserLine,
} from "./lines.ts";
import { numberField, flagField, textField } from "./loose-fields.ts";

const transcriptLines = {
  user: UserLine,
  assistant: AssistantLine,
  system: SystemLine,
  attachment: AttachmentLine,
} as const;

export type TranscriptType = keyof typeof transcriptLines;

export function isTranscriptType(type: string): type is TranscriptType {
  return Object.hasOwn(transcriptLines, type);
}

/**
 * Reads one transcript record as `lines.ts` describes it; a text says what is wrong with it.
 *
 * Nearly all of a session is records of users and assistants: where their message is as expected,
 * they are read by hand, to the same values as by their schema and several times as fast.
 */
export function readTranscriptLine(
  type: TranscriptType,
  record: Record<string, unknown>,
): TranscriptLine | string {
  const plain =
    type === "user" ? userLine(record) : type === "assistant" ? assistantLine(record) : undefined;
  if (plain !== undefined) return plain;
  const line = transcriptLines[type].safeParse(record);
  if (line.success) return line.data;
  const [first] = line.error.issues;
  return `${first?.path.join(".") ?? ""}: ${first?.message ?? ""}`;
}

function userLine(record: Record<string, unknown>): UserLine | undefined {
  const message = record["message"];
  if (!isRecord(message) || Array.isArray(message)) return undefined;
  const content = message["content"];
  if (typeof content !== "string" && !Array.isArray(content)) return undefined;
  const decision = record["permissionDecision"];
  return {
    type: "user",
    ...stampOf(record),
    message: { content },
    isMeta: flagField(record["isMeta"]),
    isCompactSummary: flagField(record["isCompactSummary"]),
    promptSource: textField(record["promptSource"]),
    turnOrigin: textField(record["turnOrigin"]),
    toolUseResult: record["toolUseResult"],
    toolDenialKind: textField(record["toolDenialKind"]),
    permissionDecision: isRecord(decision)
      ? { decision: textField(decision["decision"]) }
      : undefined,
  };
}

function assistantLine(record: Record<string, unknown>): AssistantLine | undefined {
  const message = record["message"];
  if (!isRecord(message) || Array.isArray(message)) return undefined;
  const content = message["content"];
  if (typeof content !== "string" && !Array.isArray(content)) return undefined;
  return {
    type: "assistant",
    ...stampOf(record),
    message: {
      id: textField(message["id"]),
      model: textField(message["model"]),
      content,
      usage: usageOf(message["usage"]),
    },
    isApiErrorMessage: flagField(record["isApiErrorMessage"]),
    requestRef: textField(record["requestRef"]),
    requestSessionId: textField(record["requestSessionId"]),
  };
}

function stampOf(record: Record<string, unknown>) {
  const parentUuid = record["parentUuid"];
  const forkedFrom = record["forkedFrom"];
  return {
    uuid: textField(record["uuid"]),
    parentUuid: parentUuid === null ? null : textField(parentUuid),
    timestamp: textField(record["timestamp"]),
    sessionId: textField(record["sessionId"]),
    cwd: textField(record["cwd"]),
    gitBranch: textField(record["gitBranch"]),
    version: textField(record["version"]),
    entrypoint: textField(record["entrypoint"]),
    isSidechain: flagField(record["isSidechain"]),
    forkedFrom: isRecord(forkedFrom)
      ? { sessionId: textField(forkedFrom["sessionId"]) }
      : undefined,
  };
}

function usageOf(usage: unknown): AssistantLine["message"]["usage"] {
  if (usage === null) return null;
  if (!isRecord(usage) || Array.isArray(usage)) return undefined;
  return {
    input_tokens: numberField(usage["input_tokens"]),
    output_tokens: numberField(usage["output_tokens"]),
    cache_read_input_tokens: numberField(usage["cache_read_input_tokens"]),
    cache_creation_input_tokens: numberField(usage["cache_creation_input_tokens"]),
  };
}
