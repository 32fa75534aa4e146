import { open } from "node:fs/promises";
import { isErrno } from "./errors.ts";
import { lineBatches } from "./jsonl-batches.ts";

/**
 * Calls back with every complete line of a file of ours, without its newline, in order.
 *
 * A torn tail (bytes after the last newline) is left out, a missing file has no lines. The buffer
 * is only valid during the call. Returning `false` stops. Answers the offset after the last line.
 */
export async function readLines(
  path: string,
  onLine: (line: Buffer, offset: number) => boolean | undefined | void,
  from = 0,
): Promise<number> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return from;
    throw error;
  }
  try {
    let end = from;
    for await (const batch of lineBatches(handle, from)) {
      for (const { bytes, offset, length } of batch.lines) {
        end = offset + length + 1;
        if (bytes !== null && onLine(bytes, offset) === false) return end;
      }
    }
    return end;
  } finally {
    await handle.close();
  }
}

/** The lines of a file of ours as parsed JSON values; a line that is none comes as `undefined`. */
export async function readJsonLines(
  path: string,
  onValue: (value: unknown, index: number) => void,
): Promise<void> {
  let index = 0;
  await readLines(path, (line) => {
    onValue(parsedOrUndefined(line.toString("utf8")), index);
    index += 1;
  });
}

/** The JSON value of a text, or `undefined` where it is no JSON. */
export function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The same as an iteration: every complete line of a file of ours, in order.
 *
 * A line's buffer is valid until the next is asked for.
 */
export async function* linesOf(path: string): AsyncGenerator<Buffer, void, void> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  try {
    for await (const batch of lineBatches(handle, 0)) {
      for (const { bytes } of batch.lines) if (bytes !== null) yield bytes;
    }
  } finally {
    await handle.close();
  }
}
