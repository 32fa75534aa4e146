import type { ChangedCommit } from "../git/parse/changed-log.ts";
import type { PatchState } from "../model/trail.ts";
import type { LedgerChange } from "../trail/path-ledger.ts";
import type { FileContent } from "./file-content.ts";
import type { Anchor, Fate } from "./patch-fate.ts";

/** Where a change without lines of its own is looked for. */
export interface WholeFile {
  readonly change: LedgerChange;
  readonly path: string;
  readonly tip: FileContent | null;
  /** Undefined where the tip is not that of the work tree. */
  readonly work: FileContent | null | undefined;
  /** Commits of the tip's history that touched the path and are no older, newest first. */
  readonly commits: readonly ChangedCommit[];
  /** Blob that the path has in one of them; null where there is none. */
  blobIn(commit: ChangedCommit): Promise<string | null>;
}

/** What became of a file without lines: it lives while its blob does. */
export async function wholeFileFate(file: WholeFile): Promise<Fate> {
  const { change, tip, work } = file;
  const after = change.after?.key ?? null;
  const isThere = (tip?.key ?? null) === after;
  const isPending = !isThere && work !== undefined && (work?.key ?? null) === after;
  const state = isThere ? "alive" : isPending ? "pending" : goneState(file);
  const flags = change.after === null ? ["deletion"] : ["binary"];
  return { ...(await landingOf(file, state)), flags };
}

/** What became of a change that left every line its owner's: a rename, a mode, a format. */
export async function formFate(file: WholeFile): Promise<Fate> {
  const { change, tip, work } = file;
  const hasMoved = change.before?.key !== change.after?.key;
  const isBack = hasMoved && tip?.key === change.before?.key;
  const isOpen = hasMoved && work?.key === change.after?.key;
  const state = !isBack ? "alive" : isOpen ? "pending" : "reverted";
  return landingOf(file, state);
}

function goneState({ change, tip }: WholeFile): PatchState {
  if ((tip?.key ?? null) === (change.before?.key ?? null)) return "reverted";
  // Above the limits nobody can say what is left of it.
  return tip !== null && (tip.unowned === "limit" || tip.unowned === "missing")
    ? "unknown"
    : "lost";
}

async function landingOf({ change, path, ...file }: WholeFile, state: PatchState): Promise<Fate> {
  const after = change.after?.key ?? null;
  let held: number | null = null;
  let anchor: Anchor | null = null;
  for (const [at, commit] of [...file.commits.entries()].toReversed()) {
    if ((await file.blobIn(commit)) !== after) continue;
    const place = { commit: commit.sha, path, start: 0, end: 0 };
    anchor ??= { ...place, evidence: "observed", class: "E1" };
    held = at;
  }
  const ender = held === null ? undefined : file.commits[held - 1];
  const isEnded = state === "lost" || state === "reverted";
  return {
    state,
    retention: state === "alive" ? 1 : 0,
    flags: [],
    anchors: state === "alive" && anchor !== null ? [anchor] : [],
    by: isEnded && ender !== undefined ? { kind: "commit", id: ender.sha } : null,
    survivingLines: 0,
    addedLines: 0,
  };
}
