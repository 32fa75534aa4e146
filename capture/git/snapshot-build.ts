import { setImmediate } from "node:timers/promises";

import type { Op } from "../base/op.ts";
import type { SkippedPath } from "../model/events.ts";
import type { ObjectBatch } from "./object-batch.ts";
import { gitlinkMode, type TreeEntry } from "./objects.ts";
import type { IgnoreCheck } from "./ignore-check.ts";
import type { Captured, PathCapture } from "./path-capture.ts";
import { type BytePath, toModelPath } from "./paths.ts";
import type { StoreReader } from "./store-reader.ts";
import { diffSides } from "./tree-diff.ts";
import { TreeEditor } from "./tree-editor.ts";
import { hasSecretName, isInNestedRepository, type Scan } from "./work-tree-scan.ts";

/** Bytes of new content that one snapshot takes in at most. */
const snapshotBytesMax = 64 * 1024 * 1024;

/** How long the event loop is kept at most. */
const workMsMax = 8;

export interface BuildTools {
  readonly reader: StoreReader;
  readonly capture: PathCapture;
  readonly ignores: IgnoreCheck;
  readonly batch: ObjectBatch;
}

export interface Built {
  readonly tree: string;
  readonly skipped: readonly SkippedPath[];
}

/** The tree of a snapshot in the making: what it starts from, and what is put on top. */
export class TreeBuild {
  readonly #tools: BuildTools;
  readonly #workTree: string;
  readonly #editor: TreeEditor;
  readonly #skipped: SkippedPath[] = [];
  #breathedAt = performance.now();

  constructor(tools: BuildTools, start: string | null, op: Op) {
    this.#tools = tools;
    this.#workTree = tools.reader.repository.workTree;
    this.#editor = new TreeEditor(start, tools.reader.treeLoader(op));
  }

  /** Puts everything that differs from HEAD on top of HEAD's tree. */
  async applyScan(op: Op, scan: Scan): Promise<void> {
    this.#skipped.push(...scan.skipped);
    for (const path of scan.paths) {
      await this.#breathe();
      if (scan.untracked.has(path) && hasSecretName(path)) {
        await this.#skipSecret(path);
        continue;
      }
      const base = await this.#editor.get(path);
      const captured = await this.#tools.capture.capture(op, path, base);
      if (captured.kind === "absent" && scan.mayBeAbsent.has(path)) continue;
      await this.#apply(path, captured, { base, isSubmodule: scan.submodules.has(path) });
    }
  }

  /**
   * Puts declared paths on top of the snapshot before; false if one of them needs a scan.
   *
   * A path that the snapshot before does not have is looked at as git would: ignored files, files
   * of nested repositories and secrets stay out.
   */
  async applyDeclared(
    op: Op,
    paths: readonly BytePath[],
    headTree: string | null,
  ): Promise<boolean> {
    for (const path of paths) {
      const base = await this.#editor.get(path);
      const captured = await this.#tools.capture.capture(op, path, base);
      if (captured.kind === "folder") return false;
      if (captured.kind === "entry" && base === null) {
        if (!(await this.#isWelcome(op, path, headTree))) continue;
      }
      await this.#apply(path, captured, { base, isSubmodule: false });
    }
    return true;
  }

  /**
   * Takes back what a scan lost without its being gone: a file that was captured once and is
   * ignored since. It is still there, so it was not deleted.
   */
  async keepIgnored(op: Op, before: string, now: string, scan: Scan): Promise<void> {
    const looked = new Set(scan.paths);
    for (const side of await diffSides(this.#tools.reader.treeLoader(op), before, now)) {
      if (side.after !== null || side.before === null || looked.has(side.path)) continue;
      const captured = await this.#tools.capture.capture(op, side.path, side.before);
      if (captured.kind !== "entry" || captured.entry.mode === gitlinkMode) continue;
      await this.#apply(side.path, captured, { base: side.before, isSubmodule: false });
    }
  }

  /** Files are read synchronously; many of them must not keep others waiting. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathedAt < workMsMax) return;
    await setImmediate();
    this.#breathedAt = performance.now();
  }

  note(skipped: SkippedPath): void {
    this.#skipped.push(skipped);
  }

  /** Writes the changed trees; may be called again after more was applied. */
  async write(): Promise<Built> {
    const { reader, batch } = this.#tools;
    const tree = await this.#editor.write(async (body, entries) => {
      const oid = await batch.put("tree", body);
      reader.trees.set(oid, new Map(entries));
      return oid;
    });
    return { tree, skipped: this.#skipped };
  }

  async #apply(
    path: BytePath,
    captured: Captured,
    known: { base: TreeEntry | null; isSubmodule: boolean },
  ): Promise<void> {
    const { batch } = this.#tools;
    if (captured.kind === "skipped") return void this.#skipped.push(captured.skipped);
    // A folder where a file was: what is below it comes with paths of its own.
    if (captured.kind !== "entry") return this.#editor.set(path, null);
    const { entry, body } = captured;
    if (entry.mode === gitlinkMode && known.base?.mode !== gitlinkMode && !known.isSubmodule) {
      return void this.#skipped.push({ path: toModelPath(path), why: "nested-repository" });
    }
    if (body !== null && entry.oid !== known.base?.oid) {
      if (batch.sizeBytes + body.length > snapshotBytesMax) {
        const sizeBytes = body.length;
        return void this.#skipped.push({ path: toModelPath(path), why: "budget", sizeBytes });
      }
      await batch.put("blob", body, entry.oid);
    }
    await this.#editor.set(path, entry);
  }

  async #isWelcome(op: Op, path: BytePath, headTree: string | null): Promise<boolean> {
    const { reader, ignores } = this.#tools;
    const inHead =
      headTree !== null && (await reader.readTreePath(op, headTree, toModelPath(path))) !== null;
    if (inHead) return true;
    if (isInNestedRepository(this.#workTree, path)) {
      this.#skipped.push({ path: toModelPath(path), why: "nested-repository" });
      return false;
    }
    if (await ignores.isIgnored(op, path)) return false;
    if (!hasSecretName(path)) return true;
    await this.#skipSecret(path);
    return false;
  }

  async #skipSecret(path: BytePath): Promise<void> {
    const measured = await this.#tools.capture.measure(path, "secret-name");
    if (measured !== null) this.#skipped.push(measured);
  }
}
