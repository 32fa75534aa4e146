import { lstat, readFile, readlink } from "node:fs/promises";
import * as path from "node:path";

import { isErrno, OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { objectId } from "../git/objects.ts";
import { onDisk, toBytePath } from "../git/paths.ts";
import { resolveCommit } from "../git/repository.ts";
import { splitLines } from "../trail/line-diff.ts";
import {
  linesNear,
  linesOfBytes,
  linesWithin,
  ownedBytesMax,
  textOfBytes,
} from "../trail/text-lines.ts";
import { fileStamp } from "./head-watch.ts";
import type { RepoContext } from "./repo-context.ts";

/** A content that owners are asked for. */
export interface FileContent {
  readonly path: string;
  /** `worktree`, or the full id of the commit it is read from. */
  readonly rev: string;
  /** Git's blob id of the bytes as they stand there. */
  readonly key: string;
  /** Null for what is not owned line by line. */
  readonly lines: readonly string[] | null;
  /** Why there are no lines: no text, over the limits, or an object that is not here. */
  readonly unowned?: "binary" | "limit" | "missing";
}

/** Files of the work tree that are kept as they were last read. */
const onDiskMax = 64;

/** Unsaved text of an editor; `text` takes the place of what is on disk. */
export interface Unsaved {
  readonly text: string;
}

/**
 * The path of a file below the work tree, as the records name it. Throws `usage` for one outside.
 */
export function pathInRepository(context: RepoContext, file: string): string {
  const relative = path.relative(context.repository.workTree, path.resolve(file));
  if (relative === "" || /^\.\.(?:$|[\\/])/u.test(relative) || path.isAbsolute(relative)) {
    throw new OtError("usage", `${file} is not a file of ${context.repository.workTree}.`);
  }
  return relative.split(path.sep).join("/");
}

/** The file as it is on disk now. Throws `not-found`. */
export async function readOnDisk(context: RepoContext, file: string): Promise<FileContent> {
  const content = await findOnDisk(context, file);
  if (content !== null) return content;
  throw new OtError("not-found", `There is no file ${file} in the work tree.`);
}

/** As {@link readOnDisk}; null where there is no file. Read again only when its stamp changed. */
export async function findOnDisk(context: RepoContext, file: string): Promise<FileContent | null> {
  const place = onDisk(context.repository.workTree, toBytePath(file)).toString("utf8");
  const stamp = fileStamp(place);
  if (stamp === "none") return null;
  const known = context.onDisk.get(file);
  if (known?.stamp === stamp) return known.content;
  const bytes = await bytesAt(place);
  if (bytes === null) return null;
  const text = textOfBytes(bytes);
  const lines = text === null ? null : linesWithin(splitLines(text));
  const key = objectId(context.repository.objectFormat, "blob", bytes);
  const content = { path: file, rev: "worktree", key, lines, ...unownedOf(bytes, lines) };
  context.onDisk.set(file, { stamp, content, text });
  for (const oldest of context.onDisk.keys()) {
    if (context.onDisk.size <= onDiskMax) break;
    context.onDisk.delete(oldest);
  }
  return content;
}

/** A link is its target's name, as git has it; what it points to is another file. */
async function bytesAt(place: string): Promise<Buffer | null> {
  try {
    const found = await lstat(place);
    if (found.isSymbolicLink()) return Buffer.from(await readlink(place));
    return found.isFile() ? await readFile(place) : null;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR")) return null;
    throw error;
  }
}

/** The file as an editor shows it, not saved yet */
export function contentOfUnsaved(
  context: RepoContext,
  file: string,
  { text }: Unsaved,
): FileContent {
  const key = objectId(context.repository.objectFormat, "blob", Buffer.from(text, "utf8"));
  const saved = context.onDisk.get(file);
  const { lines = null } = saved?.content ?? {};
  const savedText = saved?.text ?? null;
  const isNear = lines !== null && savedText !== null;
  const split = isNear ? linesNear(text, { text: savedText, lines }) : splitLines(text);
  return { path: file, rev: "worktree", key, lines: linesWithin(split) };
}

/** The file in a commit; null if it is not there. */
export async function findInCommit(
  op: Op,
  context: RepoContext,
  at: { readonly sha: string; readonly path: string },
): Promise<FileContent | null> {
  const key = `content\0${at.sha}\0${at.path}`;
  return context.once(key, () => readInCommit(op, context, at), "content");
}

async function readInCommit(
  op: Op,
  context: RepoContext,
  at: { readonly sha: string; readonly path: string },
): Promise<FileContent | null> {
  const entry = await context.reader.readTreePath(op, at.sha, at.path);
  if (entry === null) return null;
  const bytes = await context.reader.readBlob(op, entry.oid).catch((error: unknown) => {
    if (error instanceof OtError && error.code === "limit-exceeded") return undefined;
    return null;
  });
  const lines = bytes === null || bytes === undefined ? null : linesOfBytes(bytes);
  return { path: at.path, rev: at.sha, key: entry.oid, lines, ...unownedOf(bytes, lines) };
}

/** Why a content has no lines; nothing where it has. `bytes` are undefined above the limit. */
function unownedOf(
  bytes: Buffer | null | undefined,
  lines: readonly string[] | null,
): Pick<FileContent, "unowned"> {
  if (lines !== null) return {};
  if (bytes === null) return { unowned: "missing" };
  const isText = bytes !== undefined && textOfBytes(bytes) !== null;
  const isLarge = bytes === undefined || isText || bytes.length > ownedBytesMax;
  return { unowned: isLarge ? "limit" : "binary" };
}

/** The full id of the commit that `rev` names. Throws `not-found`. */
export async function requireCommit(op: Op, context: RepoContext, rev: string): Promise<string> {
  const sha = await resolveCommit(op, context.repository, rev);
  if (sha !== null) return sha;
  throw await noCommit(op, context, rev);
}

/** What to say where `rev` names no commit. */
export async function noCommit(op: Op, context: RepoContext, rev: string): Promise<OtError> {
  if ((await context.head.commit(op)) === null) {
    return new OtError("not-found", `There is no commit "${rev}": this branch has none yet.`, {
      hint: "Commit something first; until then ask about files of the work tree.",
    });
  }
  return new OtError("not-found", `There is no commit "${rev}" in this repository.`);
}
