import { createHmac } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { lineBatches, readFully } from "../base/jsonl-batches.ts";
import { linesOf, parsedOrUndefined } from "../base/jsonl.ts";
import { chunkBytes, lineBytesMax } from "../base/limits.ts";
import { parseSourceMapRecord } from "../bucket/codec/session-codec.ts";
import { keyedHash } from "../bucket/key.ts";
import type { SourceMapRecord } from "../model/session.ts";

/** How far a native file is ingested. */
export interface TailPosition {
  readonly generation: number;
  /** Bytes of the file as it is now that are ingested: whole lines. */
  readonly offset: number;
}

/** True if the native file still holds, right before the offset, the line that was read there. */
export async function holdsLine(
  handle: FileHandle,
  record: SourceMapRecord,
  key: Buffer,
): Promise<boolean> {
  const hmac = createHmac("sha256", key);
  const chunk = Buffer.allocUnsafe(Math.min(record.l + 1, chunkBytes));
  let rest = record.l;
  for (let at = record.o; rest > 0;) {
    const part = chunk.subarray(0, Math.min(rest, chunk.length));
    const filled = await readFully(handle, part, at);
    if (filled < part.length) return false;
    hmac.update(part);
    at += filled;
    rest -= filled;
  }
  const end = chunk.subarray(0, 1);
  if ((await readFully(handle, end, record.o + record.l)) !== 1 || end[0] !== 0x0a) return false;
  // A line over the limit was not hashed: that it ends where it did has to do.
  return record.l > lineBytesMax || hmac.digest("hex") === record.h;
}

/**
 * Length of what a replaced file still has in common with the lines that were read from it.
 *
 * Those lines are not ingested again: the new generation begins after them.
 */
export async function commonPrefixBytes(
  handle: FileHandle,
  mapPath: string,
  key: Buffer,
): Promise<number> {
  const known = await knownLines(mapPath);
  let common = 0;
  let at = 0;
  for await (const batch of lineBatches(handle, 0, { lineBytesMax })) {
    for (const line of batch.lines) {
      const expected = known[at];
      const isSame =
        expected !== undefined &&
        expected.l === line.length &&
        line.bytes !== null &&
        keyedHash(key, line.bytes) === expected.h;
      if (!isSame) return common;
      common = line.offset + line.length + 1;
      at += 1;
    }
  }
  return common;
}

/** The lines of the file as it was last seen: a generation replaces the tail of the one before. */
async function knownLines(mapPath: string): Promise<SourceMapRecord[]> {
  const lines: SourceMapRecord[] = [];
  let generation = 0;
  for await (const bytes of linesOf(mapPath)) {
    const record = parseSourceMapRecord(parsedOrUndefined(bytes.toString("utf8")));
    if (record === undefined) return lines;
    if (record.g !== generation) {
      generation = record.g;
      while (lines.length > 0 && (lines.at(-1)?.o ?? 0) >= record.o) lines.pop();
    }
    lines.push(record);
  }
  return lines;
}
