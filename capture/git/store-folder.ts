import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";

import { systemFault } from "../base/atomic-write.ts";
import { isErrno, OtError } from "../base/errors.ts";
import type { ObjectFormat } from "./objects.ts";
import { signatureOf } from "./plain-file.ts";
import type { Repository } from "./repository.ts";
import type { GitPlace } from "./run.ts";

/** Everything of ours in a repository lies in this one folder of its git folder. */
const storeName = "opentraces";

export function storeDirOf(repository: Pick<Repository, "commonDir">): string {
  return path.join(repository.commonDir, storeName);
}

/**
 * Where git works on the private store.
 *
 * The store has no remotes, so reading through it never fetches a missing object from the
 * network, as a partial clone would.
 */
export function storePlace(storeDir: string): GitPlace {
  return { cwd: storeDir, gitDir: storeDir };
}

export function storeExists(storeDir: string): boolean {
  return storeSignature(storeDir) !== "";
}

/** Another one for a store that was made anew; empty while there is none. */
export function storeSignature(storeDir: string): string {
  return signatureOf(path.join(storeDir, "config"));
}

/**
 * Creates the private store if there is none: a bare repository that borrows the user's objects.
 *
 * Made by hand and renamed into place, so nobody ever sees half of one, and so that neither the
 * user's templates nor a default ref format have a say in it.
 */
export async function ensureStore(repository: Repository): Promise<string> {
  const storeDir = storeDirOf(repository);
  if (storeExists(storeDir)) return storeDir;
  const draft = `${storeDir}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await writeStore(draft, repository.objectFormat);
    await rename(draft, storeDir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (isErrno(error, "ENOENT", "ENOTDIR")) throw vanished(repository);
    const lostRace = isErrno(error, "ENOTEMPTY", "EEXIST", "EPERM") && storeExists(storeDir);
    if (!lostRace) throw systemFault(error, storeDir);
  }
  return storeDir;
}

function vanished({ workTree, commonDir }: Repository): OtError {
  return new OtError("no-repository", `The repository of ${workTree} is not there any more.`, {
    hint: `Its git folder was ${commonDir}.`,
  });
}

async function writeStore(dir: string, format: ObjectFormat): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  await mkdir(path.join(dir, "objects", "pack"), { recursive: true });
  await mkdir(path.join(dir, "objects", "info"), { recursive: true });
  await mkdir(path.join(dir, "incoming"), { recursive: true });
  await mkdir(path.join(dir, "refs"), { recursive: true });
  // Relative, so that a moved or copied repository takes a working store along.
  await writeFile(path.join(dir, "objects", "info", "alternates"), "../../objects\n");
  await writeFile(path.join(dir, "HEAD"), "ref: refs/heads/none\n");
  await writeFile(path.join(dir, "config"), configOf(format), { mode: 0o600 });
}

function configOf(format: ObjectFormat): string {
  const version = format === "sha1" ? 0 : 1;
  const extension = format === "sha1" ? "" : `[extensions]\n\tobjectformat = ${format}\n`;
  return (
    `[core]\n\trepositoryformatversion = ${version}\n\tfilemode = true\n\tbare = true\n` +
    `\tlogallrefupdates = false\n${extension}[gc]\n\tauto = 0\n[opentraces]\n\tversion = 1\n`
  );
}
