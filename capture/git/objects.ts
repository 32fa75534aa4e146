import { createHash, type Hash } from "node:crypto";

/** Object formats that git knows, with the length of their ids in bytes. */
export const oidBytes = { sha1: 20, sha256: 32 } as const;
export type ObjectFormat = keyof typeof oidBytes;
export type ObjectType = "blob" | "tree" | "commit" | "tag";

export interface GitObject {
  readonly oid: string;
  readonly type: ObjectType;
  readonly body: Buffer;
}

/** One entry of a tree. `mode` is octal as git prints it: 100644, 100755, 120000, 160000, 40000. */
export interface TreeEntry {
  readonly mode: string;
  readonly oid: string;
}

/** Entries by name, one character a byte. */
export type TreeEntries = ReadonlyMap<string, TreeEntry>;

export const folderMode = "40000";
export const gitlinkMode = "160000";
export const symlinkMode = "120000";

export function zeroOid(format: ObjectFormat): string {
  return "0".repeat(oidBytes[format] * 2);
}

/** A hash that already holds the header of an object of `sizeBytes`; feed it the body. */
export function objectHash(format: ObjectFormat, type: ObjectType, sizeBytes: number): Hash {
  return createHash(format).update(`${type} ${sizeBytes}\0`);
}

/** Git's id of an object. */
export function objectId(format: ObjectFormat, type: ObjectType, body: Buffer): string {
  return objectHash(format, type, body.length).update(body).digest("hex");
}

/** Parses a tree; entries keep git's order. A torn tree gives the entries before the tear. */
export function parseTree(format: ObjectFormat, body: Buffer): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  const idBytes = oidBytes[format];
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const nul = body.indexOf(0, space + 1);
    if (space < 0 || nul < 0 || nul + 1 + idBytes > body.length) break;
    entries.set(body.toString("latin1", space + 1, nul), {
      mode: body.toString("latin1", at, space),
      oid: body.toString("hex", nul + 1, nul + 1 + idBytes),
    });
    at = nul + 1 + idBytes;
  }
  return entries;
}

/** The bytes of a tree, in git's order: a folder sorts as if its name ended in `/`. */
export function formatTree(entries: TreeEntries): Buffer {
  const ordered = inGitOrder(entries);
  let sizeBytes = 0;
  for (const [name, { mode, oid }] of ordered) {
    sizeBytes += mode.length + name.length + 2 + oid.length / 2;
  }
  const body = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const [name, { mode, oid }] of ordered) {
    at += body.write(`${mode} ${name}\0`, at, "latin1");
    at += body.write(oid, at, "hex");
  }
  return body;
}

/** Entries that came from a tree are in order already, but for new names at the end. */
function inGitOrder(entries: TreeEntries): [string, TreeEntry][] {
  const ordered = [...entries];
  const isOrdered = ordered.every((entry, at) => {
    const next = ordered[at + 1];
    return next === undefined || sortKey(entry) < sortKey(next);
  });
  if (isOrdered) return ordered;
  return ordered.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey([name, { mode }]: [string, TreeEntry]): string {
  return mode === folderMode ? `${name}/` : name;
}

/** The members of a commit that matter here. */
export interface CommitFields {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Text after the first empty line. */
  readonly message: string;
}

/** Parses a commit; null if it has no tree line. */
export function parseCommit(body: Buffer): CommitFields | null {
  const text = body.toString("utf8");
  const split = text.indexOf("\n\n");
  const head = (split < 0 ? text : text.slice(0, split)).split("\n");
  const valueOf = (name: string): string[] =>
    head.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const [tree] = valueOf("tree");
  if (tree === undefined) return null;
  return { tree, parents: valueOf("parent"), message: split < 0 ? "" : text.slice(split + 2) };
}
