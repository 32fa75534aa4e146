import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdtemp, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

import { Missing, say, seconds } from "./say.mjs";

const abandonedAfterMs = 60 * 60 * 1000;

/** Where heavy tools live, by version, shared by every clone of this user. */
export function cacheFolder() {
  return path.join(process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache"), "opentraces");
}

/**
 * The folder `name` of the cache, filled on first use.
 *
 * Invariant: a folder that exists under its final name is complete. It is filled beside it and
 * renamed, so two runs at once both succeed and a killed run leaves nothing half done.
 *
 * @param {string} name Holds the version, so that a new version is a new folder.
 * @param {{what: string, needMiB: number}} about What a person is told, and the space it needs.
 * @param {(folder: string) => Promise<void>} fill
 */
export async function installOnce(name, { what, needMiB }, fill) {
  const target = path.join(cacheFolder(), name);
  if (existsSync(target)) return target;

  await prepare(what, needMiB);
  const startMs = Date.now();
  say(`Installing ${what} into ${target} (once) ...`);
  const draft = await makeDraft(name);
  try {
    await fill(draft);
    moveInto(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  say(`Installed ${what} in ${seconds(startMs)}.`);
  return target;
}

async function prepare(what, needMiB) {
  const root = cacheFolder();
  try {
    mkdirSync(root, { recursive: true });
  } catch (error) {
    throw new Missing(`The cache folder ${root} cannot be made (${error.code}).`);
  }
  for (const entry of readdirSync(root).filter((e) => e.startsWith("."))) {
    const draft = path.join(root, entry);
    const ageMs = Date.now() - (statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (ageMs > abandonedAfterMs) rmSync(draft, { recursive: true, force: true });
  }
  const { bavail, bsize } = await statfs(root);
  const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMiB < needMiB) {
    throw new Missing(`${what} needs ${needMiB} MiB in ${root}, and only ${freeMiB} MiB are free.`);
  }
}

async function makeDraft(name) {
  try {
    return await mkdtemp(path.join(cacheFolder(), `.${name}-`));
  } catch (error) {
    throw new Missing(`The cache folder ${cacheFolder()} cannot be written (${error.code}).`);
  }
}

function moveInto(draft, target) {
  try {
    renameSync(draft, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    // Another run was faster; its copy is as good as ours.
  }
}
