import { folderMode, formatTree, type TreeEntries, type TreeEntry } from "./objects.ts";
import type { BytePath } from "./paths.ts";

export type LoadTree = (oid: string) => Promise<TreeEntries>;
export type PutTree = (body: Buffer, entries: TreeEntries) => Promise<string>;

interface Folder {
  readonly entries: Map<string, TreeEntry>;
  /** Folders below that were opened for a change. */
  readonly open: Map<string, Folder>;
  changed: boolean;
}

/**
 * A tree being changed: only the folders on changed paths are loaded and written.
 *
 * Invariant: the written tree has the id that `git write-tree` gives the same paths; a folder
 * that became empty is left out, as git has none.
 */
export class TreeEditor {
  readonly #load: LoadTree;
  readonly #rootOid: string | null;
  #root: Folder | undefined;

  constructor(rootOid: string | null, load: LoadTree) {
    this.#rootOid = rootOid;
    this.#load = load;
  }

  /** The entry at `path`, which may be a folder; null if there is none. */
  async get(path: BytePath): Promise<TreeEntry | null> {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    let folder: Folder | null = await this.#rootFolder();
    for (const part of parts) {
      folder = await this.#child(folder, part);
      if (folder === null) return null;
    }
    return folder.entries.get(name) ?? null;
  }

  /** Puts `entry` at `path`, or takes away what is there, folders with all below them. */
  async set(path: BytePath, entry: TreeEntry | null): Promise<void> {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    const trail = [await this.#rootFolder()];
    for (const part of parts) {
      const above = trail.at(-1);
      if (above === undefined) return;
      const below =
        (await this.#child(above, part)) ?? (entry === null ? null : plant(above, part));
      if (below === null) return;
      trail.push(below);
    }
    const folder = trail.at(-1);
    if (folder === undefined || !replaceEntry(folder, name, entry)) return;
    for (const changed of trail) changed.changed = true;
  }

  /** Writes what changed, innermost first, and gives the root's id. */
  async write(put: PutTree): Promise<string> {
    const root = await this.#rootFolder();
    if (!root.changed && this.#rootOid !== null) return this.#rootOid;
    await closeFolders(root, put);
    return put(formatTree(root.entries), root.entries);
  }

  async #rootFolder(): Promise<Folder> {
    this.#root ??= folderOf(this.#rootOid === null ? new Map() : await this.#load(this.#rootOid));
    return this.#root;
  }

  async #child(folder: Folder, name: string): Promise<Folder | null> {
    const open = folder.open.get(name);
    if (open !== undefined) return open;
    const entry = folder.entries.get(name);
    if (entry?.mode !== folderMode) return null;
    const child = folderOf(await this.#load(entry.oid));
    folder.open.set(name, child);
    return child;
  }
}

function folderOf(entries: TreeEntries): Folder {
  return { entries: new Map(entries), open: new Map(), changed: false };
}

/** A new folder, in place of whatever had its name. */
function plant(folder: Folder, name: string): Folder {
  const child = folderOf(new Map());
  folder.open.set(name, child);
  return child;
}

/** True if that changed something. */
function replaceEntry(folder: Folder, name: string, entry: TreeEntry | null): boolean {
  const before = folder.entries.get(name);
  const wasOpen = folder.open.delete(name);
  if (entry === null) return folder.entries.delete(name) || wasOpen;
  if (before?.mode === entry.mode && before.oid === entry.oid) return false;
  folder.entries.set(name, entry);
  return true;
}

async function closeFolders(folder: Folder, put: PutTree): Promise<void> {
  for (const [name, child] of folder.open) {
    if (!child.changed) continue;
    await closeFolders(child, put);
    if (child.entries.size === 0) {
      folder.entries.delete(name);
    } else {
      const oid = await put(formatTree(child.entries), child.entries);
      folder.entries.set(name, { mode: folderMode, oid });
    }
  }
}
