import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemFault } from "../base/atomic-write.ts";
import { isErrno } from "../base/errors.ts";
import { parsedOrUndefined } from "../base/jsonl.ts";
import type { SessionUnit } from "../model/session.ts";
import { parseSessionUnit } from "./codec/session-codec.ts";
import { sessionFileName } from "./unit-paths.ts";

/** What a unit says of itself; undefined where that is missing or damaged: it can be rebuilt. */
export async function readSessionFile(unitDir: string): Promise<SessionUnit | undefined> {
  try {
    const text = await readFile(join(unitDir, sessionFileName), "utf8");
    return parseSessionUnit(parsedOrUndefined(text));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/**
 * Replaces `session.json`; a reader sees the old one or the new one.
 *
 * Not synced: what it says is derived, and the next open derives it again from the truth files.
 */
export async function writeSessionFile(unitDir: string, unit: SessionUnit): Promise<void> {
  const path = join(unitDir, sessionFileName);
  const draft = `${path}.tmp`;
  try {
    await writeFile(draft, `${JSON.stringify(unit, null, 1)}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw systemFault(error, path);
  }
}
