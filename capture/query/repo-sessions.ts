import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import * as path from "node:path";

import type { Repository } from "../git/repository.ts";
import type { SessionUnit } from "../model/session.ts";
import type { PatchEntry } from "./patch-entry.ts";
import type { UnitView } from "./unit-view.ts";

/** A session seen from one repository. */
export interface RepoSession {
  readonly view: UnitView;
  /** Folder that its paths were relative to. */
  readonly recordedRoot: string | null;
  /** Work tree that it ran in, as that is called now. */
  readonly root: string;
  /**
   * `own`: it is known to have worked in this repository. `around`: it ran in a folder around it,
   * such as the superproject of a submodule, and changed files here. `guest`: its folder is gone,
   * or in no repository any more, and nobody noted which it was: it counts where contents meet.
   */
  readonly kin: "own" | "around" | "guest";
}

/** What decides whether sessions belong to a repository. */
export interface RepoPlaces {
  readonly repository: Repository;
  readonly rootCommits: readonly string[];
  /** Absolute roots of all work trees, links resolved. */
  readonly workTrees: readonly string[];
}

/** A session as the repository sees it; null if it worked elsewhere. */
export async function repoSessionOf(
  view: UnitView,
  places: RepoPlaces,
): Promise<RepoSession | null> {
  const { session } = view;
  if (session === undefined) return null;
  const recordedRoot = session.repository?.root ?? session.cwd;
  const root = recordedRoot === null ? null : await workTreeAround(recordedRoot, places.workTrees);
  if (root !== null) return { view, recordedRoot, root, kin: "own" };
  const around = recordedRoot === null ? null : await sessionAround(view, recordedRoot, places);
  if (around !== null) return around;
  const main = places.repository.workTree;
  switch (kinByHistory(session, places)) {
    case "same":
      return { view, recordedRoot, root: main, kin: "own" };
    case "other":
      return null;
    case "unknown":
      if (recordedRoot === null || isInRepository(recordedRoot)) return null;
      return { view, recordedRoot, root: main, kin: "guest" };
  }
}

/** The session if it ran in a folder that this repository lies in, and changed files of it. */
async function sessionAround(
  view: UnitView,
  folder: string,
  { repository }: RepoPlaces,
): Promise<RepoSession | null> {
  const recordedRoot = await realpath(folder).catch(() => folder);
  const root = repository.workTree;
  if (!isWithin(root, recordedRoot)) return null;
  const session: RepoSession = { view, recordedRoot, root, kin: "around" };
  const entries = await view.readEntries();
  return entries.some(({ path: name }) => repoPathOf(session, name) !== null) ? session : null;
}

/** A folder of the same name may exist on this machine by chance. */
function isInRepository(folder: string): boolean {
  if (!existsSync(folder)) return false;
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, ".git"))) return true;
    if (path.dirname(at) === at) return false;
  }
}

function kinByHistory(session: SessionUnit, places: RepoPlaces): "same" | "other" | "unknown" {
  const roots = session.repository?.rootCommits ?? [];
  if (roots.length === 0 || places.rootCommits.length === 0) return "unknown";
  return roots.some((root) => places.rootCommits.includes(root)) ? "same" : "other";
}

async function workTreeAround(
  folder: string,
  workTrees: readonly string[],
): Promise<string | null> {
  const resolved = await realpath(folder).catch(() => folder);
  const inside = workTrees.filter((root) => isWithin(resolved, root) || isWithin(folder, root));
  // The innermost: a linked work tree may lie below the main one.
  return inside.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** A recorded path as it is called in the repository; null if it lies outside. */
export function repoPathOf(session: RepoSession, recorded: string): string | null {
  const { recordedRoot, root } = session;
  const isAbsolute = path.isAbsolute(recorded) || /^[A-Za-z]:[\\/]/u.test(recorded);
  if (recordedRoot === null) return isAbsolute ? below(root, recorded) : recorded;
  if (session.kin === "around") {
    const absolute = isAbsolute ? recorded : `${recordedRoot}/${recorded}`;
    return below(root, absolute) || null;
  }
  const prefix = session.kin === "own" ? below(root, recordedRoot) : null;
  if (!isAbsolute) return prefix === null || prefix === "" ? recorded : `${prefix}/${recorded}`;
  const inRoot = below(recordedRoot, recorded);
  if (inRoot === null) return below(root, recorded);
  return prefix === null || prefix === "" ? inRoot : `${prefix}/${inRoot}`;
}

/** Entries of one session by the path that the repository calls them. */
export type EntriesByPath = ReadonlyMap<string, readonly PatchEntry[]>;

export function entriesByPath(session: RepoSession, entries: readonly PatchEntry[]): EntriesByPath {
  const byPath = new Map<string, PatchEntry[]>();
  for (const entry of entries) {
    const path = repoPathOf(session, entry.path);
    if (path === null) continue;
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [entry]);
    else known.push(entry);
  }
  return byPath;
}

/** The entries of a session that concern one path of the repository, as it is called there. */
export function entriesOfPath(
  session: RepoSession,
  byPath: EntriesByPath,
  wanted: string,
): readonly PatchEntry[] {
  const exact = byPath.get(wanted) ?? [];
  if (session.kin !== "guest") return exact;
  // A guest may have run in a folder below the root.
  const found = [...exact];
  for (let slash = wanted.indexOf("/"); slash >= 0; slash = wanted.indexOf("/", slash + 1)) {
    found.push(...(byPath.get(wanted.slice(slash + 1)) ?? []));
  }
  return found;
}

function below(root: string, absolute: string): string | null {
  if (absolute === root) return "";
  return isWithin(absolute, root) ? absolute.slice(root.length).replace(/^\//u, "") : null;
}

function isWithin(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root.endsWith("/") ? root : `${root}/`);
}
