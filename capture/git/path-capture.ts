import { type BigIntStats, readlinkSync } from "node:fs";

import { isErrno } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { SkippedPath } from "../model/events.ts";
import type { ContentFilter, Route } from "./content-filter.ts";
import {
  gitlinkMode,
  type ObjectFormat,
  objectId,
  symlinkMode,
  type TreeEntry,
} from "./objects.ts";
import { type BytePath, onDisk, parentOf, toModelPath } from "./paths.ts";
import { hashPlain, readPlain, statPlain } from "./plain-file.ts";
import type { ContentSettings } from "./settings.ts";

/** A larger file is kept as hash and size only. */
const fileBytesMax = 8 * 1024 * 1024;
/** A file above this is not even hashed: its size alone is recorded. */
const hashedBytesMax = 256 * 1024 * 1024;
/** A file changed this shortly before it was hashed may change again under the same times. */
const racyMs = 2_000;
const statCacheMax = 50_000;

/** What is at a path now. */
export type Captured =
  | { readonly kind: "entry"; readonly entry: TreeEntry; readonly body: Buffer | null }
  | { readonly kind: "absent" | "folder" }
  | { readonly kind: "skipped"; readonly skipped: SkippedPath };

export interface CaptureSource {
  readonly workTree: string;
  readonly format: ObjectFormat;
  readonly filter: ContentFilter;
  /** Commit that a submodule's or nested repository's HEAD names; null if it has none. */
  nestedHead(op: Op, path: BytePath): Promise<string | null>;
  /** A blob's bytes. */
  readBlob(op: Op, oid: string): Promise<Buffer | null>;
}

interface Remembered {
  readonly signature: string;
  readonly entry: TreeEntry | SkippedPath;
}

/**
 * Reads single paths of a work tree as tree entries.
 *
 * Invariant: an error with one path never spoils another, and nothing is followed that git would
 * not follow: a symbolic link is its text, a path beyond one does not exist.
 */
export class PathCapture {
  readonly #source: CaptureSource;
  readonly #remembered = new Map<BytePath, Remembered>();
  readonly #folders = new Map<BytePath, boolean>();
  #settings: ContentSettings = {
    fileMode: true,
    symlinks: true,
    convertsLineEnds: false,
    attributesFile: "",
  };
  #epoch = 0;

  constructor(source: CaptureSource) {
    this.#source = source;
  }

  /** Call once a snapshot, first: what was learned of folders and settings may be old. */
  begin(settings: ContentSettings): void {
    this.#settings = settings;
    this.#folders.clear();
  }

  /** Forgets which content was already handed out. */
  forget(): void {
    this.#remembered.clear();
  }

  /** `base` is what the snapshot before has there; `body` is null for content handed out before. */
  async capture(op: Op, path: BytePath, base: TreeEntry | null): Promise<Captured> {
    try {
      if (!this.#isReachable(parentOf(path))) return { kind: "absent" };
      const stat = statPlain(this.#name(path));
      if (stat === null) return { kind: "absent" };
      if (stat.isDirectory()) return await this.#folder(op, path, base);
      if (stat.isSymbolicLink()) return this.#symlink(path);
      if (!stat.isFile()) return skipped(path, "special-file");
      return await this.#file(op, { path, base, stat });
    } catch (error) {
      if (isErrno(error, "EACCES", "EPERM", "EIO", "ELOOP", "ENAMETOOLONG")) {
        return skipped(path, "unreadable");
      }
      if (isErrno(error, "ENOENT", "ENOTDIR")) return { kind: "absent" };
      throw error;
    }
  }

  /** Hash and size of a file whose content is not kept, with the reason; null if it is no file. */
  async measure(path: BytePath, why: SkippedPath["why"]): Promise<SkippedPath | null> {
    try {
      const stat = this.#isReachable(parentOf(path)) ? statPlain(this.#name(path)) : null;
      if (stat?.isFile() !== true) return null;
      return await this.#measured(path, why, Number(stat.size));
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return null;
      if (isErrno(error, "EACCES", "EPERM", "EIO")) return { path: toModelPath(path), why };
      throw error;
    }
  }

  /** True if each folder above is a folder and no symbolic link. */
  #isReachable(folder: BytePath): boolean {
    if (folder === "") return true;
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const above = this.#isReachable(parentOf(folder));
    const reachable = above && statPlain(this.#name(folder))?.isDirectory() === true;
    this.#folders.set(folder, reachable);
    return reachable;
  }

  #name(path: BytePath): Buffer {
    return onDisk(this.#source.workTree, path);
  }

  async #folder(op: Op, path: BytePath, base: TreeEntry | null): Promise<Captured> {
    const isNested = statPlain(this.#name(`${path}/.git`)) !== null;
    if (!isNested) {
      // A submodule that is not checked out is an empty folder, and no change.
      return base?.mode === gitlinkMode
        ? { kind: "entry", entry: base, body: null }
        : { kind: "folder" };
    }
    const head = await this.#source.nestedHead(op, path);
    if (head === null) return skipped(path, "nested-repository");
    return { kind: "entry", entry: { mode: gitlinkMode, oid: head }, body: null };
  }

  #symlink(path: BytePath): Captured {
    const body = readlinkSync(this.#name(path), { encoding: "buffer" });
    const oid = objectId(this.#source.format, "blob", body);
    return { kind: "entry", entry: { mode: symlinkMode, oid }, body };
  }

  async #file(
    op: Op,
    file: { path: BytePath; base: TreeEntry | null; stat: BigIntStats },
  ): Promise<Captured> {
    const { path, base, stat } = file;
    const route = await this.#source.filter.route(op, path);
    if (this.#epoch !== this.#source.filter.epoch) {
      this.#epoch = this.#source.filter.epoch;
      this.#remembered.clear();
    }
    const mode = this.#modeOf(stat, base);
    const beside = route === "lines-auto" ? base?.oid : "";
    const signature = [mode, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.size, beside].join(" ");
    const known = this.#remembered.get(path);
    if (known?.signature === signature) {
      if ("why" in known.entry) return { kind: "skipped", skipped: known.entry };
      return { kind: "entry", entry: known.entry, body: null };
    }
    const hashedAtMs = Date.now();
    const sizeBytes = Number(stat.size);
    const captured = await this.#content(op, { path, base, mode, route, sizeBytes });
    const changedAtMs = Number(
      (stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs) / 1_000_000n,
    );
    if (changedAtMs + racyMs < hashedAtMs) this.#remember(path, signature, captured);
    return captured;
  }

  #modeOf(stat: BigIntStats, base: TreeEntry | null): string {
    // Where links cannot be made, git checks them out as files and keeps their mode.
    if (!this.#settings.symlinks && base?.mode === symlinkMode) return symlinkMode;
    const isFile = base !== null && base.mode.startsWith("100");
    if (!this.#settings.fileMode) return isFile ? base.mode : "100644";
    return (stat.mode & 0o100n) === 0n ? "100644" : "100755";
  }

  async #content(
    op: Op,
    file: { path: BytePath; base: TreeEntry | null; mode: string; route: Route; sizeBytes: number },
  ): Promise<Captured> {
    const { path, base, mode, route } = file;
    if (route === "filter") {
      // A filter may make little of a huge file: the limit is for what it makes.
      const clean = await this.#clean(op, path);
      if (clean !== null)
        return { kind: "entry", entry: { mode, oid: clean.oid }, body: clean.body };
    }
    const raw = readPlain(this.#name(path), fileBytesMax);
    if (raw === null) {
      return { kind: "skipped", skipped: await this.#measured(path, "over-limit", file.sizeBytes) };
    }
    const converts = route !== "filter" && (await this.#convertsLines(op, { raw, base, route }));
    const clean = converts ? await this.#clean(op, path) : null;
    const body = clean?.body ?? raw;
    const oid = clean?.oid ?? objectId(this.#source.format, "blob", raw);
    return { kind: "entry", entry: { mode, oid }, body };
  }

  async #clean(op: Op, path: BytePath): Promise<{ oid: string; body: Buffer } | null> {
    const clean = await this.#source.filter.clean(op, path);
    return clean !== null && clean.body.length <= fileBytesMax ? clean : null;
  }

  /** git leaves the line ends of an automatic text file alone if it holds CRLF already. */
  async #convertsLines(
    op: Op,
    file: { raw: Buffer; base: TreeEntry | null; route: Route },
  ): Promise<boolean> {
    if (file.route === "raw" || !file.raw.includes(0x0d)) return false;
    if (file.route === "lines" || file.base === null) return true;
    const before = await this.#source.readBlob(op, file.base.oid);
    return before === null || before.includes(0) || !before.includes("\r\n");
  }

  async #measured(
    path: BytePath,
    why: SkippedPath["why"],
    sizeBytes: number,
  ): Promise<SkippedPath> {
    const known = { path: toModelPath(path), why, sizeBytes };
    if (sizeBytes > hashedBytesMax) return known;
    return { ...known, hash: await hashPlain(this.#name(path), this.#source.format, sizeBytes) };
  }

  #remember(path: BytePath, signature: string, captured: Captured): void {
    if (this.#remembered.size >= statCacheMax) this.#remembered.clear();
    if (captured.kind === "entry") this.#remembered.set(path, { signature, entry: captured.entry });
    if (captured.kind === "skipped") {
      this.#remembered.set(path, { signature, entry: captured.skipped });
    }
  }
}

function skipped(path: BytePath, why: SkippedPath["why"]): Captured {
  return { kind: "skipped", skipped: { path: toModelPath(path), why } };
}
