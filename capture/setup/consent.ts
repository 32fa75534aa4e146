import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";

import { systemFault } from "../base/atomic-write.ts";
import type { Home } from "../base/home.ts";

export type Consent = "unasked" | "on" | "paused" | "excluded";

/** A time in which a folder was paused, in Unix milliseconds; `toMs` is null while it goes on. */
export interface Pause {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** What the marker says where a person trusted the folder, so that git's filters may run there. */
const trustedWord = "trusted";
/** Beside the markers: the pauses that are over, one a line. */
const pausesName = "@pauses";

/** A file of this name in a folder says: never record what happens here. */
const ignoreFileName = ".opentraces-ignore";

// In the order in which they win, as the shim tests them.
const states = ["excluded", "paused", "on"] as const;

/**
 * What was answered for `folder`: the rule that ARCHITECTURE.md gives under Consent, and that the
 * shim follows in sh. Synchronous, a handful of `stat` calls; never throws.
 */
export function consentOf(home: Home, folder: string): Consent {
  const asked = walk(home, realFolder(folder));
  if (asked.state !== null) return asked.state;
  const main = asked.linkedTo === null ? null : walk(home, asked.linkedTo).state;
  return main ?? "unasked";
}

/** True where capture is on and the person who said so trusts the folder. Never throws. */
export function isTrusted(home: Home, folder: string): boolean {
  const root = answeringFolder(home, folder);
  if (root === null || answerAt(home, root) !== "on") return false;
  return readOrEmpty(consentFile(home, root, "on")).trim() === trustedWord;
}

/** When recording was paused in `folder`, by the answer that holds there. Never throws. */
export function pausesOf(home: Home, folder: string): readonly Pause[] {
  const root = answeringFolder(home, folder);
  if (root === null) return [];
  const pauses: Pause[] = [];
  for (const line of readOrEmpty(path.join(markFolder(home, root), pausesName)).split("\n")) {
    const match = /^(\d+) (\d+)$/.exec(line);
    if (match !== null) pauses.push({ fromMs: Number(match[1]), toMs: Number(match[2]) });
  }
  const open = pausedSinceMs(home, root);
  return open === null ? pauses : [...pauses, { fromMs: open, toMs: null }];
}

/** The folder that an answer is kept under: the repository's main work tree, or `folder` itself. */
export function consentRoot(folder: string): string {
  const start = realFolder(folder);
  for (const dir of upwards(start)) {
    if (!existsSync(path.join(dir, ".git"))) continue;
    return mainWorkTree(dir) ?? dir;
  }
  return start;
}

/** The file that holds an answer; nothing is read or written. */
export function consentFile(home: Home, root: string, state: Exclude<Consent, "unasked">): string {
  return path.join(markFolder(home, root), `@${state}`);
}

/**
 * Keeps an answer for a root in place of any other. Throws `disk-full` and `home-read-only`.
 *
 * `trusted`, of "on" alone: git's filters of this folder may run. The time of a pause is kept when
 * it ends: what an agent wrote in it stays out.
 */
export async function writeConsent(
  home: Home,
  root: string,
  state: Exclude<Consent, "unasked">,
  { trusted = false, nowMs = Date.now() }: { trusted?: boolean; nowMs?: number } = {},
): Promise<void> {
  const file = consentFile(home, root, state);
  const pausedMs = pausedSinceMs(home, root);
  if (state === "paused" && pausedMs !== null) return;
  const words = { on: trusted ? `${trustedWord}\n` : "", paused: `${nowMs}\n`, excluded: "" };
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    if (pausedMs !== null) {
      const over = `${pausedMs} ${nowMs}\n`;
      await appendFile(path.join(path.dirname(file), pausesName), over, { mode: 0o600 });
    }
    await writeFile(file, words[state], { mode: 0o600 });
    for (const other of states) {
      if (other !== state) await rm(consentFile(home, root, other), { force: true });
    }
  } catch (error) {
    throw systemFault(error, file);
  }
}

/** Since when a root is paused; null where it is not. The shell may have made an empty marker. */
function pausedSinceMs(home: Home, root: string): number | null {
  const file = consentFile(home, root, "paused");
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return null;
  const told = Number(readOrEmpty(file).trim());
  return told > 0 ? told : Math.floor(found.mtimeMs);
}

/** The folder whose answer holds for `folder`; null where nothing was answered. */
function answeringFolder(home: Home, folder: string): string | null {
  const asked = walk(home, realFolder(folder));
  if (asked.at !== null || asked.linkedTo === null) return asked.at;
  return walk(home, asked.linkedTo).at;
}

interface Walked {
  readonly state: Consent | null;
  /** The folder that has the answer. */
  readonly at: string | null;
  readonly linkedTo: string | null;
}

function walk(home: Home, start: string): Walked {
  let linkedTo: string | null = null;
  for (const dir of upwards(start)) {
    const state = answerAt(home, dir);
    if (state !== null) return { state, at: dir, linkedTo };
    linkedTo ??= mainWorkTree(dir);
  }
  return { state: null, at: null, linkedTo };
}

function answerAt(home: Home, dir: string): Consent | null {
  if (existsSync(path.join(dir, ignoreFileName))) return "excluded";
  return states.find((state) => isFile(consentFile(home, dir, state))) ?? null;
}

/** Every folder from `start` up, the root of the file system left out. */
function* upwards(start: string): Generator<string> {
  for (let dir = start; path.dirname(dir) !== dir; dir = path.dirname(dir)) yield dir;
}

/** The main work tree (or bare repository) that a linked work tree belongs to; null for others. */
function mainWorkTree(dir: string): string | null {
  const file = path.join(dir, ".git");
  if (!isFile(file)) return null;
  const link = /^gitdir: (.+)/.exec(readOrEmpty(file))?.[1] ?? "";
  const end = link.lastIndexOf("/worktrees/");
  if (end === -1) return null;
  const main = path.resolve(dir, link.slice(0, end).replace(/\/\.git$/, ""));
  return existsSync(main) ? realFolder(main) : null;
}

function markFolder(home: Home, root: string): string {
  // As Git Bash writes it: C:\Users\ada is /c/Users/ada.
  const posix = root
    .replaceAll("\\", "/")
    .replace(/^([A-Za-z]):/, (_, drive: string) => `/${drive.toLowerCase()}`);
  const plain = path.sep === "\\" ? posix : root;
  return path.join(home.consentDir, ...plain.split("/").filter((part) => part !== ""));
}

function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return path.resolve(folder);
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
