import { folderMode, type TreeEntries, type TreeEntry } from "./objects.ts";
import { type BytePath, toModelPath } from "./paths.ts";
import type { LoadTree } from "./tree-editor.ts";

/** One path that differs between two trees. Folders themselves are never listed. */
export interface ChangedPath {
  readonly path: string;
  readonly op: "create" | "modify" | "delete";
  /** Null where the path does not exist. Octal as git prints it: 100644, 100755, 120000, 160000. */
  readonly beforeMode: string | null;
  readonly mode: string | null;
  /** Null where the path does not exist; a commit's id for a submodule. */
  readonly beforeBlob: string | null;
  readonly afterBlob: string | null;
}

interface Side {
  readonly path: BytePath;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** Every path that differs, in git's path order; equal folders are not opened. */
export async function diffTrees(
  load: LoadTree,
  before: string | null,
  after: string | null,
): Promise<ChangedPath[]> {
  const sides = await diffSides(load, before, after);
  return sides.map(({ path, before: old, after: now }) => ({
    path: toModelPath(path),
    op: old === null ? "create" : now === null ? "delete" : "modify",
    beforeMode: old?.mode ?? null,
    mode: now?.mode ?? null,
    beforeBlob: old?.oid ?? null,
    afterBlob: now?.oid ?? null,
  }));
}

/** As {@link diffTrees}, with paths as bytes. */
export async function diffSides(
  load: LoadTree,
  before: string | null,
  after: string | null,
): Promise<Side[]> {
  const found: Side[] = [];
  await walk(load, { path: "", before: folder(before), after: folder(after) }, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function folder(oid: string | null): TreeEntry | null {
  return oid === null ? null : { mode: folderMode, oid };
}

async function walk(load: LoadTree, side: Side, found: Side[]): Promise<void> {
  const before = await entriesOf(load, side.before);
  const after = await entriesOf(load, side.after);
  const names = new Set([...before.keys(), ...after.keys()]);
  for (const name of names) {
    const old = before.get(name) ?? null;
    const now = after.get(name) ?? null;
    if (old?.oid === now?.oid && old?.mode === now?.mode) continue;
    const path = side.path === "" ? name : `${side.path}/${name}`;
    const file = { path, before: fileOnly(old), after: fileOnly(now) };
    if (file.before !== null || file.after !== null) found.push(file);
    if (isFolder(old) || isFolder(now)) {
      await walk(load, { path, before: folderOnly(old), after: folderOnly(now) }, found);
    }
  }
}

async function entriesOf(load: LoadTree, entry: TreeEntry | null): Promise<TreeEntries> {
  return entry === null ? new Map() : load(entry.oid);
}

function isFolder(entry: TreeEntry | null): boolean {
  return entry?.mode === folderMode;
}

function fileOnly(entry: TreeEntry | null): TreeEntry | null {
  return isFolder(entry) ? null : entry;
}

function folderOnly(entry: TreeEntry | null): TreeEntry | null {
  return isFolder(entry) ? entry : null;
}
