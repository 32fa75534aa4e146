import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import { cleanEnv } from "../base/process.ts";
import type { Repository } from "./repository.ts";

/**
 * Addresses of the remotes, normalised so that ssh and https name one place; sorted, each once.
 *
 * Asked once a repository, so through simple-git, which knows git's porcelain; what runs at every
 * step goes through `run.ts` and the long-lived helpers.
 */
export async function remoteAddresses(op: Op, repository: Repository): Promise<readonly string[]> {
  throwIfCancelled(op);
  // Loaded when it is needed: it is the dearest import of all.
  const { simpleGit } = await import("simple-git");
  const git = simpleGit({ baseDir: repository.workTree, abort: op.signal }).env(cleanEnv({}));
  try {
    const remotes = await git.getRemotes(true);
    const addresses = remotes.flatMap(({ refs }) => [refs.fetch, refs.push]);
    return [...new Set(addresses.filter((url) => url !== "").map(normaliseAddress))].toSorted();
  } catch (cause) {
    throw new OtError("git-failed", `git could not list the remotes of ${repository.workTree}.`, {
      cause,
    });
  }
}

/** `host/path` without scheme, user, password, port, `.git` and trailing slash. */
export function normaliseAddress(url: string): string {
  const withoutScheme = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const isUrl = withoutScheme !== url;
  const withoutUser = withoutScheme.replace(/^[^/@]*@/, "");
  const joined = isUrl
    ? withoutUser.replace(/^([^/:]*):\d+/, "$1")
    : withoutUser.replace(/^([^/:]+):/, "$1/");
  const [host = "", ...rest] = joined
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split("/");
  return [host.toLowerCase(), ...rest].join("/");
}
