import type { Op } from "../base/op.ts";
import type { TreeChange } from "../git/parse/diff.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { Owner } from "../model/trail.ts";
import type { Birth } from "../trail/births.ts";
import { diffLines, newIndexOf } from "../trail/line-diff.ts";
import type { PathLedger } from "../trail/path-ledger.ts";
import { judgeCommit } from "./commit-evidence.ts";
import { findInCommit } from "./file-content.ts";
import { FileOwners } from "./file-owners.ts";
import type { RepoContext } from "./repo-context.ts";
import { type AskedChange, reformattedLines, writtenOwners } from "./written-owners.ts";

/** A line that a commit added. */
export interface AddedLine {
  readonly owner: Owner;
  /** True where it says what a line that it took away had said. */
  readonly isReformatted: boolean;
}

/** The lines that the commit added to one path, in their order. */
export async function addedLines(
  op: Op,
  context: RepoContext,
  commit: CommitInfo,
  change: TreeChange,
): Promise<AddedLine[]> {
  if (change.status === "D") return [];
  const { path, from } = change;
  const content = await findInCommit(op, context, { sha: commit.sha, path });
  if (content === null || content.lines === null) return [];
  const [parent] = commit.parents;
  const before =
    parent === undefined || change.status === "A"
      ? null
      : await findInCommit(op, context, { sha: parent, path: from ?? path });
  const hunks = diffLines(before?.lines ?? [], content.lines);
  if (hunks.length === 0) return [];
  const ledger = await context.ledger(op, path);
  const lines = { ...content, lines: content.lines };
  const resolved = ledger.resolve(path, lines, { atMs: commit.committedAtMs });
  const isOpen = new Uint8Array(lines.lines.length);
  const sides = { before: before?.lines ?? [], after: lines.lines, hunks };
  const asked: AskedChange = { commit, path, from, ...sides, isOpen };
  for (const line of newLines(asked)) {
    const birth = resolved.birthAt(line);
    if (birth !== undefined && !isCredible(ledger, birth, commit)) isOpen[line] = 1;
  }
  const written = await writtenOwners(op, context, asked);
  const reformatted = reformattedLines(asked);
  const earlier = before === null ? null : () => FileOwners.of(op, context, before);
  const owned: AddedLine[] = [];
  for (const line of newLines(asked)) {
    const birth = resolved.birthAt(line);
    if (birth === undefined) continue;
    const old = reformatted.get(line);
    const known = isOpen[line] === 0 ? birth.attribution?.owner : written.get(line)?.owner;
    // What a formatter only went over is whose it was.
    const kept = known === undefined && old !== undefined && earlier !== null;
    const carried = kept ? await (await earlier())?.lineAt(op, old) : undefined;
    const own = carried?.owner.kind === "step" ? carried.owner : known;
    const owner = own ?? (await judgeCommit(op, context, { commit, birth, path, line })).owner;
    owned.push({ owner, isReformatted: old !== undefined });
  }
  return owned;
}

function newLines({ hunks }: AskedChange): readonly number[] {
  return hunks.flatMap((hunk) =>
    Array.from({ length: hunk.newLines }, (_, at) => newIndexOf(hunk) + at),
  );
}

/** False where nobody is known, or a transcript tells of it later than the commit was made. */
function isCredible(ledger: PathLedger, birth: Birth, { committedAtMs }: CommitInfo): boolean {
  if (birth.attribution === null) return false;
  if (birth.attribution.evidence !== "transcript") return true;
  const { atMs = 0 } = ledger.effects[birth.change]?.change ?? {};
  return atMs <= committedAtMs + 999;
}
