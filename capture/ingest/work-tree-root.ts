import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parsedOrUndefined } from "../base/jsonl.ts";

/** A path is shorter than this on every system. */
const cwdBytesMax = 16 * 1024;

/**
 * The folder that a session's paths are relative to: the innermost work tree around `cwd`.
 *
 * It is `cwd` itself where that is in no repository, or does not exist any more.
 */
export function workTreeRootOf(cwd: string): string {
  if (!existsSync(cwd)) return cwd;
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return dir;
    if (dirname(dir) === dir) return cwd;
  }
}

/** The working folder that a raw line of a transcript names; undefined if it names none. */
export function cwdIn(raw: Buffer): string | undefined {
  const at = raw.indexOf('"cwd"');
  if (at === -1) return undefined;
  const match = /"cwd"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(raw.toString("utf8", at, at + cwdBytesMax));
  const value = match?.[1] === undefined ? undefined : parsedOrUndefined(match[1]);
  return typeof value === "string" && value !== "" ? value : undefined;
}
