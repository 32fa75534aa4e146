import type { Op } from "../base/op.ts";
import { parseCommit } from "../git/objects.ts";
import { parseRawDiff } from "../git/parse/diff.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import {
  addNormalisedMatches,
  diffLines,
  hunksOfMatch,
  matchOfHunks,
  newIndexOf,
  oldIndexOf,
} from "../trail/line-diff.ts";
import { takenLines } from "../trail/moved-lines.ts";
import { reflowsOf } from "../trail/reflow.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";
import { seenBefore } from "./seen-contents.ts";

/** Files of one change in which lines are looked for; a change of more is no move. */
const sourcesMax = 64;

/** For so long the work tree's changed files are not listed again. */
const changedFreshMs = 1_000;

/** Where a line that a change brought to its place stood before that change. */
export interface Arrival {
  /** The content before the change that it stood in. */
  readonly content: FileContent;
  /** 0-based lines of that content; several where they were joined. */
  readonly lines: readonly number[];
  /** True for a line that was taken from another place, false for one that was reformatted. */
  readonly isMoved: boolean;
  readonly isReformatted: boolean;
}

/** By 0-based line of the content after the change. */
export type Arrivals = ReadonlyMap<number, Arrival>;

const none: Arrivals = new Map();

/** The lines that a commit did not write but took from elsewhere, or only reformatted. */
export async function arrivalsInCommit(
  op: Op,
  context: RepoContext,
  at: { readonly sha: string; readonly path: string; readonly committedAtMs: number },
): Promise<Arrivals> {
  const key = `arrivals\0${await context.version(op)}\0${at.sha}\0${at.path}`;
  return context.once(key, () => findInCommitChange(op, context, at), "content");
}

/** The same of a file in the work tree, against HEAD. */
export async function arrivalsOnDisk(
  op: Op,
  context: RepoContext,
  content: FileContent,
): Promise<Arrivals> {
  const head = await context.head.commit(op);
  if (head === null) return none;
  const changed = (await changedOnDisk(op, context, head)).filter((path) => path !== content.path);
  const now = await Promise.all(changed.map((path) => findOnDisk(context, path)));
  const stamp = now.map((other) => other?.key ?? "absent").join(" ");
  const version = await context.version(op);
  const key = `arrivals\0${version}\0${head}\0${content.key}\0${content.path}\0${stamp}`;
  const before = (path: string): Promise<FileContent | null> =>
    findInCommit(op, context, { sha: head, path });
  return context.once(
    key,
    async () => {
      const others: Change[] = [];
      for (const [at, path] of changed.entries()) {
        others.push({ before: await before(path), after: now[at] ?? null });
      }
      for (const seen of await seenBefore(op, context, { sha: head, atMs: Infinity })) {
        if (seen.path === content.path) continue;
        others.push({ before: seen, after: await findOnDisk(context, seen.path) });
      }
      return arrivalsOf({ before: await before(content.path), after: content }, others);
    },
    "content",
  );
}

interface Change {
  readonly before: FileContent | null;
  readonly after: FileContent | null;
}

async function findInCommitChange(
  op: Op,
  context: RepoContext,
  { sha, path, committedAtMs }: { sha: string; path: string; committedAtMs: number },
): Promise<Arrivals> {
  const { reader } = context;
  const object = await reader.read(op, sha).catch(() => null);
  const commit = object?.type === "commit" ? parseCommit(object.body) : null;
  const [parent] = commit?.parents ?? [];
  // A merge takes each line from one of its parents, and blame asks them.
  if (commit === null || parent === undefined || commit.parents.length > 1) return none;
  const changed = await reader.diffSnapshots(op, parent, sha).catch(() => []);
  const sources = changed.filter(
    (change) => change.path !== path && isFile(change.beforeMode) && change.beforeBlob !== null,
  );
  if (sources.length > sourcesMax) return none;
  const changeAt = async (name: string): Promise<Change> => ({
    before: await findInCommit(op, context, { sha: parent, path: name }),
    after: await findInCommit(op, context, { sha, path: name }),
  });
  const others: Change[] = [];
  for (const source of sources) others.push(await changeAt(source.path));
  // What was written and moved before anybody committed it stands in no commit, but was seen.
  for (const seen of await seenBefore(op, context, { sha: parent, atMs: committedAtMs + 999 })) {
    if (seen.path === path) continue;
    others.push({ before: seen, after: await findInCommit(op, context, { sha, path: seen.path }) });
  }
  return arrivalsOf(await changeAt(path), others);
}

function isFile(mode: string | null): boolean {
  return mode?.startsWith("100") ?? false;
}

/** When the work tree's changed files were last listed, by context. */
const listedAt = new WeakMap<
  RepoContext,
  { readonly head: string; readonly atMs: number; readonly paths: Promise<readonly string[]> }
>();

function changedOnDisk(op: Op, context: RepoContext, head: string): Promise<readonly string[]> {
  const known = listedAt.get(context);
  const atMs = performance.now();
  if (known?.head === head && atMs - known.atMs < changedFreshMs) return known.paths;
  const paths = listChanged(op, context, head);
  listedAt.set(context, { head, atMs, paths });
  paths.catch(() => listedAt.delete(context));
  return paths;
}

async function listChanged(op: Op, context: RepoContext, head: string): Promise<readonly string[]> {
  const { stdout } = await git(op, {
    ...placeOf(context.repository),
    args: ["diff-index", "-z", "--no-renames", "--diff-filter=DM", head, "--"],
  });
  const files = parseRawDiff(stdout).filter(({ oldMode }) => isFile(oldMode));
  return files.length > sourcesMax ? [] : files.map(({ path }) => path);
}

function arrivalsOf(own: Change, others: readonly Change[]): Arrivals {
  const after = own.after?.lines ?? null;
  if (after === null) return none;
  const arrivals = new Map<number, Arrival>();
  const before = own.before?.lines ?? [];
  const exact = matchOfHunks(diffLines(before, after), after.length);
  const { matchOf, reformatted } = addNormalisedMatches(exact, before, after);
  if (own.before !== null) {
    const content = own.before;
    for (const index of reformatted) {
      const lines = [matchOf[index] ?? 0];
      arrivals.set(index, { content, lines, isMoved: false, isReformatted: true });
    }
    for (const [index, lines] of reflowedLines(matchOf, before, after)) {
      arrivals.set(index, { content, lines, isMoved: false, isReformatted: true });
    }
  }
  const isOpen = (index: number): boolean => (matchOf[index] ?? -1) < 0 && !arrivals.has(index);
  const sources = [own, ...others].flatMap((change) => goneFrom(change) ?? []);
  const taken = takenLines(after, isOpen, sources);
  for (const [index, { source, line }] of taken) {
    const content = sources[source]?.content;
    if (content === undefined) continue;
    const isReformatted = content.lines?.[line] !== after[index];
    arrivals.set(index, { content, lines: [line], isMoved: true, isReformatted });
  }
  return arrivals;
}

/** New lines that say what old ones of the same hunk said, by the old ones. */
function reflowedLines(
  matchOf: Int32Array,
  before: readonly string[],
  after: readonly string[],
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  for (const hunk of hunksOfMatch(matchOf, before.length)) {
    const old = oldIndexOf(hunk);
    const first = newIndexOf(hunk);
    const olds = before.slice(old, old + hunk.oldLines);
    const news = after.slice(first, first + hunk.newLines);
    for (const reflow of reflowsOf(olds, news)) {
      const lines = reflow.olds.map((position) => old + position);
      for (const position of reflow.news) found.set(first + position, lines);
    }
  }
  return found;
}

/** The lines that a change took out of one file; null where nothing can be said of it. */
function goneFrom({ before, after }: Change) {
  if (before === null || before.lines === null) return null;
  const { lines } = before;
  if (after === null) return { content: before, lines, isGone: () => true };
  if (after.lines === null) return null;
  const matchOf = matchOfHunks(diffLines(lines, after.lines), after.lines.length);
  const stays = new Set(addNormalisedMatches(matchOf, lines, after.lines).matchOf);
  return { content: before, lines, isGone: (index: number) => !stays.has(index) };
}
