import { isRecord } from "./is-record.ts";
import type { BlobLine, RequestLine } from "./lines.ts";
import { textField } from "./loose-fields.ts";

// Journal records as `lines.ts` describes them, read by hand because there is one or more for every
// request. Undefined says nothing: whatever is not as usual is left to the schema.

export function requestLine(record: unknown): RequestLine | undefined {
  if (!isRecord(record) || record["type"] !== "api-request") return undefined;
  const { id, tail, base, keep, params } = record;
  if (typeof id !== "string" || !isTexts(tail)) return undefined;
  return {
    type: "api-request",
    id,
    timestamp: textField(record["timestamp"]),
    shapeHash: textField(record["shapeHash"]),
    params: isRecord(params) ? { model: textField(params["model"]) } : undefined,
    base: base === null ? null : textField(base),
    keep: typeof keep === "number" && Number.isSafeInteger(keep) && keep >= 0 ? keep : undefined,
    tail,
  };
}

export function blobLine(record: unknown): BlobLine | undefined {
  if (!isRecord(record) || record["type"] !== "api-request-blob") return undefined;
  const { hash, message } = record;
  if (typeof hash !== "string" || !isRecord(message)) return undefined;
  const { role, content } = message;
  if (typeof role !== "string") return undefined;
  if (typeof content !== "string" && !Array.isArray(content)) return undefined;
  return { type: "api-request-blob", hash, message: { role, content } };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
