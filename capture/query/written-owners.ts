import type { Op } from "../base/op.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { Hunk } from "../model/trail.ts";
import type { Attribution } from "../trail/births.ts";
import { stepOwner } from "../trail/cause.ts";
import { addNormalisedMatches, matchOfHunks, newIndexOf, oldIndexOf } from "../trail/line-diff.ts";
import { WrittenLines } from "../trail/written-lines.ts";
import type { RepoContext } from "./repo-context.ts";
import { SubstitutedLines } from "./substituted-lines.ts";
import type { Writing, WritingPlace } from "./read-writing.ts";

/** Commits know whole seconds: what was written in the same one may be in it. */
const secondMs = 999;

/** Places that are read for one path at most: those of the sessions next before the commit. */
const readPlacesMax = 600;

/** A path as a commit changed it, with the lines that nobody is known to have written. */
export interface AskedChange {
  readonly commit: Pick<CommitInfo, "committedAtMs">;
  readonly path: string;
  /** What the path was called before the commit, where it was renamed. */
  readonly from: string | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly hunks: readonly Hunk[];
  /** By line after: 1 for one whose writer is asked for. */
  readonly isOpen: Uint8Array;
}

/**
 * Who wrote lines of a commit that no chain of contents leads to, by 0-based line: the step whose
 * own words they are, of those before the commit the last that put them there.
 *
 * Never credited: a session that began after the commit, a text that only was read or printed,
 * short common lines away from anything that proves their place.
 */
export async function writtenOwners(
  op: Op,
  context: RepoContext,
  change: AskedChange,
): Promise<ReadonlyMap<number, Attribution>> {
  const owners = new Map<number, Attribution>();
  if (!change.isOpen.includes(1)) return owners;
  const writings = await writingsOf(op, context, change);
  if (writings.length === 0) return owners;
  const isOpen = change.isOpen.slice();
  const hunks = change.hunks.map((hunk) => ({
    first: newIndexOf(hunk),
    count: hunk.newLines,
    removed: change.before.slice(oldIndexOf(hunk), oldIndexOf(hunk) + hunk.oldLines),
  }));
  const file = new WrittenLines({ lines: change.after, isOpen, hunks });
  const claim = (line: number, { step }: Writing): void => {
    isOpen[line] = 0;
    owners.set(line, { owner: stepOwner(step), evidence: "transcript" });
  };
  const byPreference = writings.toSorted(preferred);
  // A whole file that was written anew holds what a formatter only went over as well.
  const reformatted = reformattedLines(change);
  for (const writing of byPreference) {
    for (const line of file.broughtBy(writing.text)) {
      if (!writing.isWhole || !reformatted.has(line)) claim(line, writing);
    }
    if (!isOpen.includes(1)) return owners;
  }
  const substituted = new SubstitutedLines(hunks, writings);
  for (const writing of byPreference) {
    for (const line of substituted.broughtBy(writing, change.after, isOpen)) claim(line, writing);
  }
  inheritBlank(change, owners);
  return owners;
}

/**
 * What is known to be new first, then the surer path, then the later; of whole files the earlier:
 * those that came after it only kept the line.
 */
function preferred(one: Writing, other: Writing): number {
  if (one.isWhole !== other.isWhole) return one.isWhole ? 1 : -1;
  if (one.nearness !== other.nearness) return one.nearness === "same" ? -1 : 1;
  return one.isWhole ? one.atMs - other.atMs : other.atMs - one.atMs;
}

/** Lines after that a formatter's hand alone tells from lines before, with those, 0-based. */
export function reformattedLines({
  before,
  after,
  hunks,
}: Pick<AskedChange, "before" | "after" | "hunks">): ReadonlyMap<number, number> {
  const exact = matchOfHunks(hunks, after.length);
  const { matchOf, reformatted } = addNormalisedMatches(exact, before, after);
  return new Map(reformatted.map((line) => [line, matchOf[line] ?? -1]));
}

/** Blank lines are of the block that they stand in. */
function inheritBlank({ after, isOpen }: AskedChange, owners: Map<number, Attribution>): void {
  for (let line = 1; line < after.length; line += 1) {
    if (isOpen[line] !== 1 || owners.has(line) || after[line]?.trim() !== "") continue;
    const above = owners.get(line - 1);
    if (above !== undefined) owners.set(line, above);
  }
}

async function writingsOf(
  op: Op,
  context: RepoContext,
  { commit, path, from }: AskedChange,
): Promise<readonly Writing[]> {
  const latestMs = commit.committedAtMs + secondMs;
  const places = [...(await context.writings.find(op, context, path))];
  if (from !== null && from !== path)
    places.push(...(await context.writings.find(op, context, from)));
  const before = places.filter(
    ({ session }) => (session.view.session?.startedAtMs ?? 0) <= latestMs,
  );
  const nearest = before
    .toSorted((a, b) => endOf(b, latestMs) - endOf(a, latestMs))
    .slice(0, readPlacesMax);
  const writings: Writing[] = [];
  for (const place of nearest) {
    for (const writing of await context.writings.read(place)) {
      if (writing.atMs <= latestMs) writings.push({ ...writing, nearness: place.nearness });
    }
  }
  return withoutCopies(context, writings);
}

function endOf({ session }: WritingPlace, latestMs: number): number {
  return Math.min(session.view.session?.endedAtMs ?? 0, latestMs);
}

/** A resumed session begins with the records of another: they are that one's. */
function withoutCopies(context: RepoContext, writings: readonly Writing[]): readonly Writing[] {
  const firsts = new Map<string, Writing>();
  const endedAt = ({ step }: Writing): number =>
    context.bucket.view(step.trace)?.session?.endedAtMs ?? Infinity;
  const nameOf = ({ atMs, step, text }: Writing): string =>
    `${atMs} ${step.index} ${step.agent ?? ""} ${text.lines.length}`;
  for (const writing of writings) {
    const known = firsts.get(nameOf(writing));
    if (known === undefined || endedAt(writing) < endedAt(known))
      firsts.set(nameOf(writing), writing);
  }
  return writings.filter(
    (writing) => firsts.get(nameOf(writing))?.step.trace === writing.step.trace,
  );
}
