import type { Op } from "../base/op.ts";
import type { LineOwner } from "../model/trail.ts";
import { takenLines } from "../trail/moved-lines.ts";
import { ownersOf } from "./blame.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import type { OwnedLine } from "./file-owners.ts";
import type { RepoContext } from "./repo-context.ts";

/** Files of sessions that are searched for what was copied, newest first. */
const sourcesMax = 64;

/** Lines around the one that is asked about, which make its block. */
const aroundLines = 40;

/**
 * The step whose line a person copied, as the line's first forebear; none for a line that nobody
 * copied, and for one that is a step's own.
 */
export async function copiedFrom(
  op: Op,
  context: RepoContext,
  content: FileContent,
  { index, owned }: { readonly index: number; readonly owned: OwnedLine },
): Promise<LineOwner["lineage"]> {
  const { lines, path } = content;
  const isOld = owned.evidence === "before-capture";
  if (lines === null || owned.owner.kind === "step" || isOld || owned.lineage.length > 0) return [];
  const sources: { readonly content: FileContent; readonly lines: readonly string[] }[] = [];
  for (const name of await pathsOfSessions(op, context)) {
    if (name === path) continue;
    const there = await contentAt(op, context, content.rev, name);
    if (there !== null && there.lines !== null) {
      sources.push({ content: there, lines: there.lines });
    }
  }
  const isOpen = (at: number): boolean => Math.abs(at - index) <= aroundLines;
  const gone = sources.map((source) => ({ lines: source.lines, isGone: () => true }));
  const found = takenLines(lines, isOpen, gone).get(index);
  const source = sources[found?.source ?? -1];
  if (found === undefined || source === undefined) return [];
  const original = await (await ownersOf(op, context, source.content)).lineAt(op, found.line);
  if (original.owner.kind !== "step") return [];
  return [{ owner: original.owner, commit: original.commit?.sha ?? null, how: "copied" }];
}

/** Paths that sessions changed, the latest first. */
async function pathsOfSessions(op: Op, context: RepoContext): Promise<readonly string[]> {
  const paths = new Set<string>();
  const sessions = (await context.sessions(op)).filter(({ kin }) => kin === "own");
  const startOf = ({ view }: (typeof sessions)[number]): number => view.session?.startedAtMs ?? 0;
  for (const session of sessions.toSorted((a, b) => startOf(b) - startOf(a))) {
    for (const path of (await context.entriesByPath(session)).keys()) {
      if (paths.size >= sourcesMax) return [...paths];
      paths.add(path);
    }
  }
  return [...paths];
}

function contentAt(
  op: Op,
  context: RepoContext,
  rev: string,
  path: string,
): Promise<FileContent | null> {
  return rev === "worktree"
    ? findOnDisk(context, path)
    : findInCommit(op, context, { sha: rev, path });
}
