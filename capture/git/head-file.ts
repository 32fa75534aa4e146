import { readFileSync } from "node:fs";
import * as path from "node:path";

import { isErrno } from "../base/errors.ts";
import { signatureOf } from "./plain-file.ts";
import type { Repository } from "./repository.ts";

/** What HEAD's files say at one moment. */
export interface HeadLook {
  /** The commit; undefined where git must be asked: packed, unborn, or another way to keep refs. */
  readonly commit: string | undefined;
  /** Equal as long as git would give the same answer; null where that cannot be told. */
  readonly signature: string | null;
}

/**
 * Reads HEAD as git keeps it, without git: two small files, on the path of every snapshot.
 *
 * Nothing is guessed: whatever is not plainly a commit's id is left to git.
 */
export function lookAtHead(repository: Repository): HeadLook {
  const head = textOf(path.join(repository.gitDir, "HEAD"));
  if (isOid(head)) return { commit: head, signature: head };
  const branch = /^ref: (refs\/heads\/\S+)$/.exec(head)?.[1];
  // A reftable repository keeps this name in HEAD, for programs such as this one to stop at.
  if (branch === undefined || branch === "refs/heads/.invalid") {
    return { commit: undefined, signature: null };
  }
  const loose = textOf(path.join(repository.commonDir, branch));
  if (isOid(loose)) return { commit: loose, signature: loose };
  if (loose !== "") return { commit: undefined, signature: null };
  const packed = signatureOf(path.join(repository.commonDir, "packed-refs"));
  return { commit: undefined, signature: `${branch} ${packed}` };
}

function isOid(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\n$/, "");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR")) return "";
    throw error;
  }
}
