import type { Op } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { PatchRecord } from "../model/trail.ts";
import { ownCopy } from "../trail/births.ts";
import { newIndexOf } from "../trail/line-diff.ts";
import type { PatchSides, PatchSketch, SessionEvidence } from "../trail/path-changes.ts";
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

/** A patch whose sides are read when the change is made. */
export interface ReadablePatch extends PatchSketch {
  /** Undefined if what stood there after it can no longer be read. */
  read(op: Op): Promise<PatchSides | undefined>;
}

/** All patches of a path and of the paths it was renamed from, none of their sides kept. */
export async function collectPatches(
  op: Op,
  context: RepoContext,
  evidence: LedgerPlan["evidence"],
  path: string,
): Promise<readonly ReadablePatch[]> {
  const patches = new Set<ReadablePatch>();
  const firsts = new FirstTellers(context);
  const wanted = [path];
  for (let at = 0; at < wanted.length && at < renamesMax; at += 1) {
    const name = wanted[at] ?? "";
    const found: { readonly session: RepoSession; readonly told: readonly ReadablePatch[] }[] = [];
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
  readonly #firsts = new Map<string, ReadablePatch>();

  constructor(context: RepoContext) {
    this.#context = context;
  }

  note(patch: ReadablePatch): void {
    if (patch.patch.evidence !== "transcript") return;
    const known = this.#firsts.get(nameOf(patch));
    const isFirst =
      known === undefined ||
      (known.session.trace !== patch.session.trace && this.#endOf(patch) < this.#endOf(known));
    if (isFirst) this.#firsts.set(nameOf(patch), patch);
  }

  of(patch: ReadablePatch): ReadablePatch {
    if (patch.patch.evidence !== "transcript") return patch;
    const first = this.#firsts.get(nameOf(patch));
    return first === undefined || first.session.trace === patch.session.trace ? patch : first;
  }

  #endOf({ session }: ReadablePatch): number {
    return this.#context.bucket.view(session.trace)?.session?.endedAtMs ?? Infinity;
  }
}

/** Equal for the records of one edit in two sessions. */
function nameOf({ agent, patch, path, afterKey }: ReadablePatch): string {
  return [patch.atMs, agent ?? "", patch.step, path, afterKey].join(" ");
}

interface Asked {
  readonly context: RepoContext;
  readonly session: RepoSession;
  readonly evidence: SessionEvidence;
}

async function patchesOfSession(op: Op, asked: Asked, path: string): Promise<ReadablePatch[]> {
  const { context, session, evidence } = asked;
  const { view } = session;
  const all = await view.readEntries();
  const found: ReadablePatch[] = [];
  const byPath = await context.entriesByPath(session);
  const sides = new SideReader(context.reader, view.place.dir);
  for (const entry of entriesOfPath(session, byPath, path)) {
    const sketch = await context.knownPatch(entry, `${session.root}\0${path}`, () =>
      sketched(op, asked, { entry, path, all, sides }),
    );
    if (sketch === undefined || (await isTold(asked, entry, sketch.patch))) continue;
    const read = (asking: Op): Promise<PatchSides | undefined> =>
      sidesOf(asking, context, { sketch, sides, evidence });
    found.push({ ...sketch, session: evidence, read });
  }
  return found;
}

/** What is kept of a patch for as long as its session is known. */
export interface KnownPatch extends Omit<PatchSketch, "session"> {
  /** What it was made of: of a rename, the file under its earlier name. */
  readonly beforeSide: PatchRecord["before"];
}

interface Found {
  readonly entry: PatchEntry;
  readonly path: string;
  readonly all: readonly PatchEntry[];
  readonly sides: SideReader;
}

/** Undefined for a patch that is gone, or of which nothing can be read. */
async function sketched(op: Op, asked: Asked, found: Found): Promise<KnownPatch | undefined> {
  const { session } = asked;
  const { entry, path, all, sides } = found;
  const patch = await session.view.readPatch(entry);
  if (patch === undefined) return undefined;
  const isPlain = entry.isObserved && (patch.before !== null || entry.from !== null);
  const afterKey = patch.after === null ? null : sides.keyOf(patch.after);
  const { agent } = entry;
  const from = entry.from === null ? null : repoPathOf(session, entry.from);
  const known = { agent, patch, path, told: [], beforeSide: patch.before };
  if (isPlain && afterKey !== undefined) return { ...known, from, afterKey };
  const after = await sides.read(op, patch.after);
  if (after === undefined) return undefined;
  const key = after?.key ?? null;
  if (!entry.isObserved) return { ...known, from, afterKey: key, told: addedLines(patch, after) };
  const renamed = await renameSource(op, asked, { entry, patch, after, all });
  if (renamed === null) return { ...known, from, afterKey: key };
  return { ...known, from: renamed.from, afterKey: key, beforeSide: renamed.beforeSide };
}

/** Lines that a transcript says it added; copies, for a few do not keep all of their text. */
export function addedLines({ hunks }: PatchRecord, after: LedgerSide | null): readonly string[] {
  if (after === null || after.lines === null) return [];
  const { lines } = after;
  if (hunks.length === 0) return lines;
  return hunks.flatMap((hunk) =>
    lines.slice(newIndexOf(hunk), newIndexOf(hunk) + hunk.newLines).map(ownCopy),
  );
}

async function sidesOf(
  op: Op,
  context: RepoContext,
  from: {
    readonly sketch: KnownPatch;
    readonly sides: SideReader;
    readonly evidence: SessionEvidence;
  },
): Promise<PatchSides | undefined> {
  const { sketch, sides, evidence } = from;
  const { patch, path, beforeSide } = sketch;
  const before = await sides.read(op, beforeSide);
  const after = await sides.read(op, patch.after);
  if (after === undefined) return undefined;
  if (patch.evidence !== "observed") return { before, after };
  const { events } = evidence;
  return { before, after, git: await gitMove(op, context, { path, patch, before, after, events }) };
}

/** True if the patch is a fork's copy of one that the first session tells itself. */
async function isTold(
  { context, session }: Asked,
  entry: PatchEntry,
  { step }: PatchRecord,
): Promise<boolean> {
  const { forkOf = null } = session.view.session ?? {};
  if (forkOf === null) return false;
  const isKnown = context.bucket.views().some(({ trace }) => trace === forkOf);
  return isKnown && session.view.isCopied(entry, step);
}

/** The file that was deleted in the same stretch of time and goes on under this name, if any. */
async function renameSource(
  op: Op,
  { context, session }: Asked,
  { entry, patch, after, all }: Created,
): Promise<{ from: string; beforeSide: PatchRecord["before"] } | null> {
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
    const isSame = before.key === after.key || isContinued(before, after);
    if (isSame) return { from, beforeSide: deleted.before };
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
  patches: readonly ReadablePatch[],
): Promise<readonly ReadablePatch[]> {
  const [first] = patches;
  if (first === undefined) return [];
  const known = await contentsOf(op, context, first.path);
  for (const patch of patches) {
    if (patch.afterKey !== null && known.has(patch.afterKey)) return patches;
    const before = (await patch.read(op))?.before ?? null;
    if (before !== null && known.has(before.key)) return patches;
  }
  return [];
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
