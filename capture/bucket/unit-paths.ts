import { join } from "node:path";

/** The files of one native file's record in a unit; `file` 0 is the session's main file. */
export interface NativeFileNames {
  readonly source: string;
  readonly map: string;
  readonly trace: string;
  readonly ctx: string;
  readonly trail: string;
}

export const sessionFileName = "session.json";
export const eventsFileName = "events.jsonl";
export const liveTrailFileName = "trail.live.jsonl";
export const unitLockName = ".lock";

/** Names, within a unit's folder, of everything that is kept of native file number `file`. */
export function nativeFileNames(file: number): NativeFileNames {
  const part = file === 0 ? "" : `.${file}`;
  return {
    source: `source${part}.jsonl`,
    map: `source${part}.map`,
    trace: `trace${part}.jsonl`,
    ctx: `ctx${part}.jsonl`,
    trail: `trail${part}.jsonl`,
  };
}

/** Number of the native file whose source has this name; undefined for any other name. */
export function nativeFileNumber(name: string): number | undefined {
  if (name === "source.jsonl") return 0;
  const match = /^source\.([1-9]\d*)\.jsonl$/.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Where the blob named by this sha256 lies in a unit. */
export function blobPath(unitDir: string, sha256: string): string {
  return join(unitDir, "blobs", sha256.slice(0, 2), sha256.slice(2));
}

/** A native id that can be the name of a folder on every system, and leads nowhere else. */
export function isSafeNativeId(nativeId: string): boolean {
  return /^[\w][\w.-]{0,199}$/.test(nativeId) && !nativeId.includes("..");
}
