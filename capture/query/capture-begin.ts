import { listCommits } from "../git/history.ts";
import type { Op } from "../base/op.ts";
import type { EventRecord } from "../model/events.ts";
import type { RepoContext } from "./repo-context.ts";
import { repoPathOf, type RepoSession } from "./repo-sessions.ts";
import { SideReader } from "./side-reader.ts";

/** The state of the repository on which the first session that is known of it began. */
export interface CaptureBegin {
  readonly atMs: number;
  /**
   * HEAD then, null for one without a commit; or the newest commit that is known to be older,
   * undefined where none is.
   */
  readonly base: string | null | undefined;
  /** A HEAD since which captures are known to run; as `base` where that was seen. */
  readonly seenHead: string | null | undefined;
}

/** Live capture that began later than this after the session did not see it begin. */
const sawBeginWithinMs = 60_000;

/** Edits of an imported session that are asked for what they found, and commits of their paths. */
const askedEditsMax = 8;
const askedCommitsMax = 100;

/** Null where no session is known to have worked in the repository. */
export async function captureBegin(op: Op, context: RepoContext): Promise<CaptureBegin | null> {
  const own = (await context.sessions(op)).filter(({ kin }) => kin === "own");
  const started = own
    .flatMap((session) => {
      const { startedAtMs = null } = session.view.session ?? {};
      return startedAtMs === null ? [] : [{ session, startedAtMs }];
    })
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const [first] = started;
  if (first === undefined) return null;
  const { session, startedAtMs: atMs } = first;
  const seen = headAtBegin(await session.view.readEvents(), atMs);
  if (seen !== undefined) return { atMs, base: seen, seenHead: seen };
  let seenHead: string | null | undefined;
  for (const other of started) {
    seenHead = headAtBegin(await other.session.view.readEvents(), Infinity);
    if (seenHead !== undefined) break;
  }
  const head = await context.head.commit(op);
  if (head === null) return { atMs, base: undefined, seenHead };
  const { trace, version } = session.view;
  const base = await context.once(`begin\0${trace}\0${version}\0${head}`, () =>
    metBefore(op, context, { session, head, atMs }),
  );
  return { atMs, base, seenHead: base ?? seenHead };
}

/** Undefined where live capture did not see the session begin. */
function headAtBegin(events: readonly EventRecord[], atMs: number): string | null | undefined {
  for (const event of events) {
    if (event.r !== "snapshot" && event.r !== "environment") continue;
    if (event.r === "environment" && event.from !== undefined) continue;
    if (event.atMs > atMs + sawBeginWithinMs) return undefined;
    return event.r === "snapshot" ? event.base : event.environment.head;
  }
  return undefined;
}

/** The newest commit, not dated after the edits, whose content one of the first edits found. */
async function metBefore(
  op: Op,
  context: RepoContext,
  { session, head, atMs }: { session: RepoSession; head: string; atMs: number },
): Promise<string | undefined> {
  const entries = (await session.view.readEntries()).filter(({ isObserved }) => !isObserved);
  for (const entry of entries.slice(0, askedEditsMax)) {
    const patch = await session.view.readPatch(entry);
    const path = repoPathOf(session, entry.from ?? entry.path);
    if (patch === undefined || path === null) continue;
    const { reader } = context;
    const before = await new SideReader(reader, session.view.place.dir).read(op, patch.before);
    if (before === null || before === undefined) continue;
    const range = { revs: [head], paths: [path], limit: askedCommitsMax };
    for (const { sha, committedAtMs } of await listCommits(op, context.repository, range)) {
      if (isLaterSecond(committedAtMs, patch.atMs ?? atMs)) continue;
      const found = await reader.readTreePath(op, sha, path);
      if (found?.oid === before.key) return sha;
    }
  }
  return undefined;
}

/** Commits know whole seconds only: within one second nothing is earlier or later. */
export function isLaterSecond(laterMs: number, earlierMs: number): boolean {
  return Math.floor(laterMs / 1000) > Math.floor(earlierMs / 1000);
}
