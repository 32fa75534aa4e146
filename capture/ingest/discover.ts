import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isErrno, type Issue, OtError } from "../base/errors.ts";
import { lineBatches } from "../base/jsonl-batches.ts";
import { lineBytesMax } from "../base/limits.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import { isSafeNativeId } from "../bucket/unit-paths.ts";
import type { HarnessAdapter, HarnessEnvironment, NativeFileRef } from "../harness/adapter.ts";
import type { HarnessId } from "../model/ids.ts";
import { openNative } from "./open-native.ts";

/** One session as its native files show it. */
export interface FoundSession {
  readonly harness: HarnessId;
  readonly nativeId: string;
  /** The main file first, then those of the sub-agents by path. */
  readonly files: readonly NativeFileRef[];
}

export interface Discovered {
  readonly sessions: readonly FoundSession[];
  readonly issues: readonly Issue[];
}

/** Folders within folders that a walk goes into; agents keep their sessions far above that. */
const depthMax = 12;
const firstLinesMax = 32;
const firstLineCharsMax = 256 * 1024;

/** Finds every native file below the known folders of the agents. */
export async function discoverKnown(
  op: Op,
  adapters: readonly HarnessAdapter[],
  environment: HarnessEnvironment,
): Promise<Discovered> {
  const finder = new Finder(op, adapters);
  for (const adapter of adapters) {
    for (const root of adapter.roots(environment)) await finder.folder(root, { isExplicit: false });
  }
  return finder.found();
}

/** Finds the native files that `paths` name: files, or folders with files below them. */
export async function discoverPaths(
  op: Op,
  adapters: readonly HarnessAdapter[],
  paths: readonly string[],
): Promise<Discovered> {
  const finder = new Finder(op, adapters);
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === "missing") {
      throw new OtError("not-found", `${path} does not exist.`, {
        hint: "Name a session file, or a folder that holds some.",
      });
    }
    if (kind === "folder") await finder.folder(path, { isExplicit: true });
    else await finder.explicitFile(path);
  }
  return finder.found();
}

class Finder {
  readonly #op: Op;
  readonly #adapters: readonly HarnessAdapter[];
  readonly #files = new Map<string, NativeFileRef>();
  readonly #issues: Issue[] = [];

  constructor(op: Op, adapters: readonly HarnessAdapter[]) {
    this.#op = op;
    this.#adapters = adapters;
  }

  async found(): Promise<Discovered> {
    const sessions = new Map<string, NativeFileRef[]>();
    const byPath = [...this.#files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    for (const ref of byPath) {
      const id = `${ref.harness}:${ref.nativeId}`;
      sessions.set(id, [...(sessions.get(id) ?? []), ref]);
    }
    const found = await Promise.all([...sessions.values()].map(withoutCopies));
    return { sessions: found.map(sessionOf), issues: this.#issues };
  }

  async folder(dir: string, options: { isExplicit: boolean }, depth = 0): Promise<void> {
    throwIfCancelled(this.#op);
    let entries;
    try {
      entries = await readdir(dir, { withFileTypes: true });
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return;
      if (!isErrno(error, "EACCES", "EPERM", "EIO", "ELOOP")) throw error;
      this.#unreadable(dir, "The folder cannot be read.");
      return;
    }
    for (const entry of entries) {
      const path = join(dir, entry.name);
      if (entry.isDirectory() && depth < depthMax) await this.folder(path, options, depth + 1);
      else if (entry.isFile() || entry.isSymbolicLink()) await this.#file(path, options);
    }
  }

  /** A file that somebody named; with it come the files that its session keeps beside it. */
  async explicitFile(path: string): Promise<void> {
    const ref = this.#classified(path) ?? (await this.#recognised(path));
    if (ref === null) {
      const message = "No agent whose sessions are known writes such a file.";
      const issue: Issue = { file: path, line: 0, offset: 0, rule: "line-not-understood", message };
      this.#issues.push(issue);
      return;
    }
    this.#add(ref);
    const beside = join(dirname(path), basename(path).replace(/\.[^.]+$/, ""));
    if (beside !== path) await this.folder(beside, { isExplicit: false });
  }

  async #file(path: string, options: { isExplicit: boolean }): Promise<void> {
    const ref = this.#classified(path);
    if (ref !== null) this.#add(ref);
    else if (options.isExplicit && path.endsWith(".jsonl")) {
      const recognised = await this.#recognised(path);
      if (recognised !== null) this.#add(recognised);
    }
  }

  #classified(path: string): NativeFileRef | null {
    for (const adapter of this.#adapters) {
      const ref = adapter.classify(path);
      if (ref !== null) return ref;
    }
    return null;
  }

  async #recognised(path: string): Promise<NativeFileRef | null> {
    let lines;
    try {
      lines = await firstLines(path);
    } catch (error) {
      if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "EIO", "ENOENT", "ELOOP")) throw error;
      this.#unreadable(path, "The file cannot be read.");
      return null;
    }
    for (const adapter of this.#adapters) {
      const ref = adapter.recognise(path, lines);
      if (ref !== null) return ref;
    }
    return null;
  }

  #add(ref: NativeFileRef): void {
    const isSafe =
      isSafeNativeId(ref.nativeId) && (ref.agent === null || isSafeNativeId(ref.agent));
    if (isSafe) this.#files.set(ref.path, ref);
  }

  #unreadable(file: string, message: string): void {
    this.#issues.push({ file, line: 0, offset: 0, rule: "file-unreadable", message });
  }
}

/** Of copies that were taken of one file while it grew, only the one that holds most. */
async function withoutCopies(refs: readonly NativeFileRef[]): Promise<readonly NativeFileRef[]> {
  const largest = new Map<string | null, { readonly ref: NativeFileRef; readonly size: number }>();
  if (new Set(refs.map(({ agent }) => agent)).size === refs.length) return refs;
  for (const ref of refs) {
    const size = (await stat(ref.path).catch(() => null))?.size ?? 0;
    const known = largest.get(ref.agent);
    if (known === undefined || size > known.size) largest.set(ref.agent, { ref, size });
  }
  return refs.filter((ref) => largest.get(ref.agent)?.ref === ref);
}

/** Of several files that claim to be the same, such as a copy, the first counts. */
export function sessionOf(refs: readonly NativeFileRef[]): FoundSession {
  const byAgent = new Map<string | null, NativeFileRef>();
  for (const ref of refs) if (!byAgent.has(ref.agent)) byAgent.set(ref.agent, ref);
  const main = byAgent.get(null);
  const agents = [...byAgent.values()].filter((ref) => ref.agent !== null);
  const first = main ?? agents[0];
  return {
    harness: first?.harness ?? "claude-code",
    nativeId: first?.nativeId ?? "",
    files: main === undefined ? agents : [main, ...agents],
  };
}

/** The first complete lines of a file as text; long ones are cut. */
export async function firstLines(path: string): Promise<string[]> {
  const handle = await openNative(path);
  try {
    const lines: string[] = [];
    for await (const batch of lineBatches(handle, 0, { lineBytesMax })) {
      for (const { bytes } of batch.lines) {
        lines.push(bytes?.toString("utf8", 0, firstLineCharsMax) ?? "");
        if (lines.length >= firstLinesMax) return lines;
      }
    }
    return lines;
  } finally {
    await handle.close();
  }
}

async function kindOf(path: string): Promise<"file" | "folder" | "missing"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return "missing";
    throw error;
  }
}
