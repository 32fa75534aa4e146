import { parsedOrUndefined } from "../base/jsonl.ts";

const pieceBytes = 3 * 256 * 1024;

/** A line that cannot stand in a JSON Lines file, as an object that can: in pieces, no newline. */
export function* wrappedPieces(gated: Buffer): Generator<Buffer, void, void> {
  yield Buffer.from('{"opentraces":"undecodable","base64":"');
  for (let at = 0; at < gated.length; at += pieceBytes) {
    yield Buffer.from(gated.toString("base64", at, Math.min(at + pieceBytes, gated.length)));
  }
  yield Buffer.from('"}');
}

/** What stands for a line that is over the limit and was not kept. */
export function overLimitLine(bytes: number): Buffer {
  return Buffer.from(`{"opentraces":"over-limit","bytes":${bytes}}`);
}

/** The bytes inside a wrapped source line; null where it stands for a line over the limit. */
export function unwrapped(line: Buffer): Buffer | null {
  const value = parsedOrUndefined(line.toString("utf8"));
  if (typeof value !== "object" || value === null || !("base64" in value)) return null;
  return typeof value.base64 === "string" ? Buffer.from(value.base64, "base64") : null;
}
