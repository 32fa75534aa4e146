import { OtError } from "../base/errors.ts";
import { linesOf, parsedOrUndefined } from "../base/jsonl.ts";
import { parseSourceMapRecord } from "../bucket/codec/session-codec.ts";
import type { NativeFileWriter } from "../bucket/unit-writer.ts";
import type { NativeFile } from "../model/session.ts";

/** Verdict of a file's first line: the path that it was read from. */
export const pathCheck = "path";

/** Where the native file was when its first line was read; null while it has none. */
export async function firstPathIn(mapPath: string): Promise<string | null> {
  for await (const bytes of linesOf(mapPath)) {
    const record = parseSourceMapRecord(parsedOrUndefined(bytes.toString("utf8")));
    return record?.v?.find(({ check }) => check === pathCheck)?.of ?? null;
  }
  return null;
}

/** Lines that the folds hold for certain; the folds are cut back to exactly those. */
export async function coveredLines(
  out: NativeFileWriter,
  request: { known?: NativeFile | undefined; folds?: Record<string, number> },
): Promise<number> {
  const { known, folds = {} } = request;
  const parts = [out.trace, out.ctx, out.trail];
  const lengths = parts.map(({ path }) => folds[path.slice(path.lastIndexOf("/") + 1)] ?? 0);
  const isSound =
    known !== undefined &&
    known.lines <= out.source.lines &&
    parts.every((part, at) => part.bytes >= (lengths[at] ?? 0));
  for (const [at, part] of parts.entries()) await part.cutTo(isSound ? (lengths[at] ?? 0) : 0);
  return isSound ? known.lines : 0;
}

/** For a map that cannot be what was written. */
export function damagedMap(path: string, line: number): OtError {
  return new OtError("data-damaged", `Line ${line} of ${path} cannot be read.`, {
    hint: "Run `ot bucket verify`.",
  });
}
