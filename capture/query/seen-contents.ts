import type { Op } from "../base/op.ts";
import type { EventRecord } from "../model/events.ts";
import { linesOfBytes } from "../trail/text-lines.ts";
import { type FileContent, findInCommit } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";
import type { PatchEntry } from "./patch-entry.ts";

/** Paths whose last seen content is asked for. */
const pathsMax = 64;

/**
 * What snapshots last saw of files before a time, where no commit up to `sha` has that: it was
 * changed again before anybody committed it.
 */
export async function seenBefore(
  op: Op,
  context: RepoContext,
  at: { readonly sha: string; readonly atMs: number },
): Promise<readonly FileContent[]> {
  const key = `seen\0${await context.version(op)}\0${at.sha}\0${at.atMs}`;
  return context.once(key, () => findSeen(op, context, at), "content");
}

async function findSeen(
  op: Op,
  context: RepoContext,
  { sha, atMs }: { readonly sha: string; readonly atMs: number },
): Promise<readonly FileContent[]> {
  const last = new Map<string, { readonly oid: string; readonly atMs: number }>();
  for (const session of await context.sessions(op)) {
    if (session.kin !== "own" || session.root !== context.repository.workTree) continue;
    const events = await session.view.readEvents();
    for (const [path, entries] of await context.entriesByPath(session)) {
      for (const entry of entries) {
        const seenAtMs = timeOf(entry, events);
        if (seenAtMs === null || entry.afterOid === null || seenAtMs > atMs) continue;
        if (seenAtMs < (last.get(path)?.atMs ?? -Infinity)) continue;
        last.set(path, { oid: entry.afterOid, atMs: seenAtMs });
      }
    }
  }
  const newest = [...last].toSorted(([, a], [, b]) => b.atMs - a.atMs).slice(0, pathsMax);
  const found: FileContent[] = [];
  for (const [path, { oid }] of newest) {
    const committed = await findInCommit(op, context, { sha, path });
    if (committed?.key === oid) continue;
    const bytes = await context.reader.readBlob(op, oid).catch(() => null);
    const lines = bytes === null ? null : linesOfBytes(bytes);
    if (lines !== null) found.push({ path, rev: sha, key: oid, lines });
  }
  return found;
}

/** When the snapshot behind a change was taken; null for what no snapshot saw. */
function timeOf({ between }: PatchEntry, events: readonly EventRecord[]): number | null {
  const seq = between?.[1];
  const event = seq === undefined ? undefined : events[seq];
  return event?.r === "snapshot" ? event.atMs : null;
}
