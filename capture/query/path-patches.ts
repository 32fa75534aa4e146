import type { Op } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { PatchRecord } from "../model/trail.ts";
import type { PathPatch, SessionEvidence } from "../trail/path-changes.ts";
import type { LedgerSide } from "../trail/path-ledger.ts";
import { findOnDisk } from "./file-content.ts";
import { gitMove } from "./git-moves.ts";
import { isDeletedBeside, type LedgerPlan } from "./ledger-plan.ts";
import type { RepoContext } from "./repo-context.ts";
import { entriesOfPath, repoPathOf, type RepoSession } from "./repo-sessions.ts";
import { SideReader } from "./side-reader.ts";
import type { PatchEntry } from "./patch-entry.ts";

/** Renames that are followed back from one path. */
const renamesMax = 20;

/** Commits of a path whose contents a guest session's contents may meet. */
const metCommitsMax = 200;

/** Share of lines that a created file has in common with a deleted one to be its continuation. */
const renameSimilarityMin = 0.5;

/** All patches of a path and of the paths it was renamed from, with both sides read. */
export async function collectPatches(
  op: Op,
  context: RepoContext,
  evidence: LedgerPlan["evidence"],
  path: string,
): Promise<readonly PathPatch[]> {
  const patches = new Set<PathPatch>();
  const firsts = new FirstTellers(context);
  const wanted = [path];
  for (let at = 0; at < wanted.length && at < renamesMax; at += 1) {
    const name = wanted[at] ?? "";
    const found: { readonly session: RepoSession; readonly told: readonly PathPatch[] }[] = [];
    for (const [session, known] of evidence) {
      const told = await patchesOfSession(op, { context, session, evidence: known }, name);
      told.forEach((patch) => firsts.note(patch));
      found.push({ session, told });
    }
    for (const { session, told } of found) {
      const met = session.kin === "guest" ? await whereMet(op, context, told) : told;
      for (const patch of met) {
        patches.add(firsts.of(patch));
        if (patch.from !== null && !wanted.includes(patch.from)) wanted.push(patch.from);
      }
    }
  }
  return [...patches];
}

/** A resumed session of an older client begins with another's records: they are that one's. */
class FirstTellers {
  readonly #context: RepoContext;
  readonly #firsts = new Map<string, PathPatch>();

  constructor(context: RepoContext) {
    this.#context = context;
  }

  note(patch: PathPatch): void {
    if (patch.patch.evidence !== "transcript") return;
    const known = this.#firsts.get(nameOf(patch));
    const isFirst =
      known === undefined ||
      (known.session.trace !== patch.session.trace && this.#endOf(patch) < this.#endOf(known));
    if (isFirst) this.#firsts.set(nameOf(patch), patch);
  }

  of(patch: PathPatch): PathPatch {
    if (patch.patch.evidence !== "transcript") return patch;
    const first = this.#firsts.get(nameOf(patch));
    return first === undefined || first.session.trace === patch.session.trace ? patch : first;
  }

  #endOf({ session }: PathPatch): number {
    return this.#context.bucket.view(session.trace)?.session?.endedAtMs ?? Infinity;
  }
}

/** Equal for the records of one edit in two sessions. */
function nameOf({ agent, patch, path, after }: PathPatch): string {
  return [patch.atMs, agent ?? "", patch.step, path, after?.key].join(" ");
}

interface Asked {
  readonly context: RepoContext;
  readonly session: RepoSession;
  readonly evidence: SessionEvidence;
}

async function patchesOfSession(op: Op, asked: Asked, path: string): Promise<PathPatch[]> {
  const { context, session, evidence } = asked;
  const { view } = session;
  const all = await view.readEntries();
  const found: PathPatch[] = [];
  const byPath = await context.entriesByPath(session);
  const sides = new SideReader(context.reader, view.place.dir);
  for (const entry of entriesOfPath(session, byPath, path)) {
    const patch = await view.readPatch(entry);
    if (patch === undefined || (await isTold(asked, entry, patch))) continue;
    const read = (side: PatchRecord["before"]) => sides.read(op, side);
    const after = await read(patch.after);
    if (after === undefined) continue;
    const renamed = await renameSource(op, asked, { entry, patch, after, all });
    const before = renamed === null ? await read(patch.before) : renamed.before;
    const from = renamed?.from ?? (entry.from === null ? null : repoPathOf(session, entry.from));
    const { events } = evidence;
    const moved = entry.isObserved
      ? await gitMove(op, context, { path, patch, before, after, events })
      : undefined;
    const git = moved === undefined ? {} : { git: moved };
    found.push({ session: evidence, agent: entry.agent, patch, path, from, before, after, ...git });
  }
  return found;
}

/** True if the patch is a fork's copy of one that the first session tells itself. */
async function isTold(
  { context, session }: Asked,
  entry: PatchEntry,
  { step }: PatchRecord,
): Promise<boolean> {
  const forkOf = context.bucket.views().find(({ trace }) => trace === session.view.session?.forkOf);
  return forkOf !== undefined && session.view.isCopied(entry, step);
}

/** The file that was deleted in the same stretch of time and goes on under this name, if any. */
async function renameSource(
  op: Op,
  { context, session }: Asked,
  { entry, patch, after, all }: Created,
): Promise<{ from: string; before: LedgerSide | null | undefined } | null> {
  if (!entry.isObserved || entry.from !== null || patch.before !== null || after === null) {
    return null;
  }
  const gone = all.filter((other) => isDeletedBeside(other, entry));
  const same = gone.find(({ beforeOid }) => beforeOid !== null && beforeOid === entry.afterOid);
  for (const candidate of same === undefined ? gone : [same]) {
    const deleted = await session.view.readPatch(candidate);
    const from = repoPathOf(session, candidate.path);
    if (deleted === undefined || from === null) continue;
    const before = await new SideReader(context.reader, session.view.place.dir).read(
      op,
      deleted.before,
    );
    if (before === null || before === undefined) continue;
    if (before.key === after.key || isContinued(before, after)) return { from, before };
  }
  return null;
}

interface Created {
  readonly entry: PatchEntry;
  readonly patch: PatchRecord;
  readonly after: LedgerSide | null;
  readonly all: readonly PatchEntry[];
}

function isContinued(before: LedgerSide, after: LedgerSide): boolean {
  if (before.lines === null || after.lines === null || after.lines.length === 0) return false;
  return sharedShare(before.lines, after.lines) >= renameSimilarityMin;
}

/** Share of the longer text's lines that both have, blank ones left out. */
export function sharedShare(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before.filter((line) => line.trim() !== ""));
  const lines = after.filter((line) => line.trim() !== "");
  const shared = lines.filter((line) => known.has(line)).length;
  return shared / Math.max(before.length, lines.length, 1);
}

/** A guest's patches count if one of their contents is known to this repository at that path. */
async function whereMet(
  op: Op,
  context: RepoContext,
  patches: readonly PathPatch[],
): Promise<readonly PathPatch[]> {
  const [first] = patches;
  if (first === undefined) return [];
  const known = await contentsOf(op, context, first.path);
  const meets = ({ before, after }: PathPatch): boolean =>
    [before, after].some((side) => side !== null && side !== undefined && known.has(side.key));
  return patches.some(meets) ? patches : [];
}

/** Blobs that a path had in HEAD's recent history, and has in the work tree. */
async function contentsOf(
  op: Op,
  context: RepoContext,
  path: string,
): Promise<ReadonlySet<string>> {
  const head = await context.head.commit(op);
  const onDisk = await findOnDisk(context, path);
  if (head === null) return new Set(onDisk === null ? [] : [onDisk.key]);
  return context.once(`contents\0${head}\0${onDisk?.key}\0${path}`, async () => {
    const commits = await listCommits(op, context.repository, {
      revs: [head],
      paths: [path],
      limit: metCommitsMax,
    });
    const found = new Set<string>(onDisk === null ? [] : [onDisk.key]);
    for (const { sha } of commits) {
      const entry = await context.reader.readTreePath(op, sha, path);
      if (entry !== null) found.add(entry.oid);
    }
    return found;
  });
}
