import type { FileHandle } from "node:fs/promises";
import { batchBytes, chunkBytes } from "./limits.ts";

const newline = 0x0a;
const firstReadBytes = 64 * 1024;

/** One complete line of a file, without its newline. */
export interface FileLine {
  readonly offset: number;
  readonly length: number;
  /** Valid as long as its batch is; null for a line over the limit. */
  readonly bytes: Buffer | null;
}

export interface BatchOptions {
  /** A longer line is not read. */
  readonly lineBytesMax?: number;
  /**
   * The batches lie in memory that threads share, and one stays valid until the next but one is
   * asked for. Otherwise until the next is.
   */
  readonly isAhead?: boolean;
}

export interface LineBatch {
  readonly lines: readonly FileLine[];
  /** Offset after the newline of the last line. */
  readonly endOffset: number;
}

/**
 * Complete lines of a file from an offset on, in batches of bounded size.
 *
 * Memory is one batch (two, where they are read ahead), or one line where a line is longer than
 * that; half a line at the end is left for the next time. The batches' buffers are reused.
 */
export async function* lineBatches(
  handle: FileHandle,
  from: number,
  { lineBytesMax = Number.POSITIVE_INFINITY, isAhead = false }: BatchOptions = {},
): AsyncGenerator<LineBatch, void, void> {
  let buffer = isAhead ? sharedBuffer() : Buffer.allocUnsafe(firstReadBytes);
  let other = isAhead ? sharedBuffer() : buffer;
  let offset = from;
  for (;;) {
    const filled = await readFully(handle, buffer, offset);
    const last = buffer.subarray(0, filled).lastIndexOf(newline);
    if (last !== -1) {
      yield { lines: split(buffer.subarray(0, last + 1), offset), endOffset: offset + last + 1 };
      offset += last + 1;
      if (filled === buffer.length && buffer.length < batchBytes) {
        buffer = other = Buffer.allocUnsafe(batchBytes);
      }
      [buffer, other] = [other, buffer];
    } else if (filled < buffer.length) {
      return;
    } else if (buffer.length < batchBytes) {
      buffer = other = Buffer.allocUnsafe(batchBytes);
    } else {
      const line = await longLine(handle, offset, { scanned: filled, lineBytesMax });
      if (line === undefined) return;
      offset += line.length + 1;
      yield { lines: [line], endOffset: offset };
    }
  }
}

function sharedBuffer(): Buffer {
  return Buffer.from(new SharedArrayBuffer(batchBytes));
}

function split(bytes: Buffer, offset: number): FileLine[] {
  const lines: FileLine[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(newline, start);
    const line = bytes.subarray(start, end);
    lines.push({ offset: offset + start, length: line.length, bytes: line });
    start = end + 1;
  }
  return lines;
}

/** A line longer than a batch: its end is found first, so that it is held once and no more. */
async function longLine(
  handle: FileHandle,
  offset: number,
  { scanned, lineBytesMax }: { scanned: number; lineBytesMax: number },
): Promise<FileLine | undefined> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let at = offset + scanned; ; at += chunk.length) {
    const filled = await readFully(handle, chunk, at);
    const end = chunk.subarray(0, filled).indexOf(newline);
    if (end !== -1) {
      const length = at + end - offset;
      if (length > lineBytesMax) return { offset, length, bytes: null };
      const bytes = Buffer.allocUnsafe(length);
      await readFully(handle, bytes, offset);
      return { offset, length, bytes };
    }
    if (filled < chunk.length) return undefined;
  }
}

/** Reads until the buffer is full or the file ends; answers how much. */
export async function readFully(
  handle: FileHandle,
  buffer: Buffer,
  position: number,
): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const room = buffer.length - filled;
    const { bytesRead } = await handle.read(buffer, filled, room, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
