import type { Op } from "../base/op.ts";
import type { ChangedCommit } from "../git/parse/changed-log.ts";
import type { TrackedPatch } from "../model/answers.ts";
import type { AnchorClass, LineEvidence, PatchState } from "../model/trail.ts";
import { lineMarks } from "../trail/carry.ts";
import type { Effect, PathLedger } from "../trail/path-ledger.ts";
import {
  isWhole,
  type Population,
  populationOf,
  remainsOf,
  type Survival,
  survivalOf,
} from "../trail/survival.ts";
import { isContended } from "./contended.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import { type LineHolder, LineHolders } from "./line-holders.ts";
import { type LineAway, linesAway, withLinesAway } from "./moved-away.ts";
import { stashedFiles } from "./open-work.ts";
import { enderOf, removerOf } from "./patch-end.ts";
import { PathCommits } from "./path-commits.ts";
import { nameAt } from "./renamed-path.ts";
import type { RepoContext } from "./repo-context.ts";
import { formFate, type WholeFile, wholeFileFate } from "./whole-file-fate.ts";

/** Where the patches of one path are looked for. */
export interface Tip {
  readonly sha: string | null;
  /** True for HEAD: what is only in the work tree is pending. */
  readonly isHead: boolean;
}

export type Anchor = TrackedPatch["anchors"][number];

export interface Fate extends Survival {
  readonly anchors: readonly Anchor[];
  readonly by: TrackedPatch["by"];
  /** Lines that live at the tip, or in the work tree while the patch is pending. */
  readonly survivingLines: number;
  readonly addedLines: number;
}

/** One content of a path, as a population. */
interface Placed {
  readonly content: FileContent | null;
  readonly population: Population;
}

/** What became of the patches of one path, as seen from one tip. */
export class PathFates {
  readonly #context: RepoContext;
  readonly #ledger: PathLedger;
  readonly #path: string;
  /** What the path is called at the tip. */
  readonly #name: string;
  readonly #sha: string | null;
  readonly #tip: Placed;
  /** The work tree; null where nothing is committed of what it was made on. */
  readonly #work: Placed;
  /** What HEAD has; the tip, where that is HEAD. */
  readonly #head: Placed;
  readonly #isHead: boolean;
  readonly #holders: LineHolders | null;
  readonly #commits: PathCommits;

  private constructor(context: RepoContext, parts: Parts) {
    this.#context = context;
    this.#ledger = parts.ledger;
    this.#path = parts.path;
    this.#name = parts.name;
    this.#sha = parts.sha;
    this.#tip = parts.tip;
    this.#work = parts.work;
    this.#head = parts.head;
    this.#isHead = parts.isHead;
    const { ledger, path, name, sha } = parts;
    const versions = ledger.versions.map((version) => version.path);
    const names = [...new Set([name, path, ...versions])];
    this.#commits = new PathCommits(context, { ledger, path, names, sha });
    const blob = parts.tip.content?.key;
    this.#holders =
      sha === null || blob === undefined
        ? null
        : new LineHolders(context, { ledger, path, names }, { sha, path: name, blob });
  }

  /** Found once for each state of bucket, tip and work tree. */
  static async of(op: Op, context: RepoContext, path: string, tip: Tip): Promise<PathFates> {
    const { serial } = await context.ledger(op, path);
    const stamp = (await findOnDisk(context, path))?.key ?? "absent";
    const head = await context.head.commit(op);
    const key = `fates\0${serial}\0${tip.sha}\0${tip.isHead}\0${head}\0${stamp}\0${path}`;
    return context.once(key, () => PathFates.#find(op, context, path, { ...tip, head }), "file");
  }

  static async #find(
    op: Op,
    context: RepoContext,
    path: string,
    { sha, isHead, head }: Tip & { readonly head: string | null },
  ): Promise<PathFates> {
    const ledger = await context.ledger(op, path);
    const nameIn = (at: string | null): Promise<string> | string =>
      at === null ? path : nameAt(op, context, { sha: at, path });
    const contentIn = (at: string | null, name: string): Promise<FileContent | null> | null =>
      at === null ? null : findInCommit(op, context, { sha: at, path: name });
    const name = await nameIn(sha);
    const tip = placed(ledger, path, await contentIn(sha, name));
    const headName = isHead ? name : await nameIn(head);
    const atHead = isHead ? tip : placed(ledger, path, await contentIn(head, headName));
    const work = placed(ledger, path, await findOnDisk(context, headName));
    return new PathFates(context, { ledger, path, name, sha, tip, head: atHead, work, isHead });
  }

  /** What became of one change of the path. */
  async fateOf(op: Op, effect: Effect): Promise<Fate> {
    const isWholeFile = effect.change.after?.lines === null || effect.change.before?.lines === null;
    if (isWholeFile) return wholeFileFate(await this.#wholeFile(op, effect));
    if (effect.added.length + effect.removed.length === 0) {
      return formFate(await this.#wholeFile(op, effect));
    }
    const { births } = this.#ledger;
    const away = await this.#linesAway(op, effect);
    const tip = withLinesAway(this.#tip.population, away);
    const work = this.#isHead ? withLinesAway(this.#work.population, away) : null;
    const atTip = remainsOf(births, effect, tip);
    const isMissing = !isWhole(atTip);
    const isOpen = isMissing && (await this.#isOpen(op, effect));
    const remover = isMissing
      ? removerOf(this.#ledger, effect, { population: tip, isHead: this.#isHead })
      : null;
    const holder = isMissing ? await this.#commits.lastHolder(op, effect) : null;
    const survival = survivalOf({
      births,
      effect,
      tip,
      work,
      isOpen,
      undoneByStep: remover?.by.kind === "step",
      wasAnchored: holder !== null,
    });
    const state = knownState(survival.state, this.#tip.content);
    const flags = new Set(survival.flags);
    if (this.#name !== this.#path && atTip.surviving.length > 0) flags.add("moved");
    if (isContended(this.#context, this.#ledger, effect)) flags.add("contended");
    const anchors = [...(await this.#anchors(op, effect, atTip.surviving)), ...anchorsAway(away)];
    const isPending = state === "pending";
    const isEnded = isMissing && ["transformed", "reverted", "lost"].includes(state);
    const found = { commits: this.#commits, holder, remover };
    const living = isPending && work !== null ? remainsOf(births, effect, work) : atTip;
    return {
      ...survival,
      state,
      flags: [...flags].toSorted(),
      anchors,
      by: isEnded ? await enderOf(op, this.#context, effect, found) : null,
      survivingLines: living.surviving.length,
      addedLines: atTip.added,
    };
  }

  /** True if the change is whole in work that is not committed: in the work tree, or stashed. */
  async #isOpen(op: Op, effect: Effect): Promise<boolean> {
    const { births } = this.#ledger;
    const isIn = ({ population }: Placed): boolean =>
      isWhole(remainsOf(births, effect, population));
    if (isIn(this.#work)) return !isIn(this.#head);
    if (isIn(this.#head)) return false;
    const place = (content: FileContent | null): Placed =>
      placed(this.#ledger, this.#path, content);
    const stashed = await stashedFiles(op, this.#context, this.#path);
    return stashed.some(({ content, base }) => isIn(place(content)) && !isIn(place(base)));
  }

  /** Added lines that are no longer in the file but in another one. */
  #linesAway(op: Op, effect: Effect): Promise<ReadonlyMap<number, LineAway>> {
    const { lineOf } = this.#tip.population;
    const missing = effect.added.filter((id) => !lineOf.has(id));
    const at = { ledger: this.#ledger, path: this.#path, sha: this.#sha };
    return missing.length === 0
      ? Promise.resolve(new Map())
      : linesAway(op, this.#context, at, missing);
  }

  /** What is needed to tell of a change without lines of its own. */
  async #wholeFile(op: Op, { change }: Effect): Promise<WholeFile> {
    const commits = await this.#commits.since(op, change);
    return {
      change,
      path: this.#path,
      tip: this.#tip.content,
      work: this.#isHead ? this.#work.content : undefined,
      commits,
      blobIn: (commit: ChangedCommit) => this.#commits.blobIn(op, commit),
    };
  }

  /** The commits that accepted what lives of the change, one anchor each. */
  async #anchors(op: Op, effect: Effect, surviving: readonly number[]): Promise<readonly Anchor[]> {
    if (this.#holders === null && effect.added.length > 0) return [];
    if (effect.added.length === 0) return this.#deletionAnchors(op, effect);
    const holders = await this.#holders?.allOf(op, surviving);
    const anchors = new Map<string, Anchor>();
    const { state, lineOf } = this.#tip.population;
    for (const id of surviving) {
      const mark = state.marks[lineOf.get(id) ?? -1] ?? 0;
      for (const holder of holders?.get(id) ?? []) {
        const { sha } = holder.commit;
        const known = anchors.get(sha);
        const line = holder.line + 1;
        anchors.set(sha, {
          commit: sha,
          path: holder.path,
          start: Math.min(known?.start ?? line, line),
          end: Math.max(known?.end ?? line, line),
          evidence: this.#evidenceOf(id, mark),
          class: looserOf(known?.class ?? "E1", this.#classOf(effect, holder, mark)),
        });
      }
    }
    return [...anchors.values()];
  }

  #evidenceOf(id: number, mark: number): LineEvidence {
    if (mark !== 0) return "carried";
    return this.#ledger.births.get(id).attribution?.evidence ?? "none";
  }

  #classOf({ change }: Effect, { path, blob }: LineHolder, mark: number): AnchorClass {
    if ((mark & lineMarks.reformatted) !== 0) return "E4";
    if ((mark & (lineMarks.moved | lineMarks.renamed)) !== 0) return "E3";
    if (path !== change.path || this.#name !== this.#path) return "E3";
    return blob === change.after?.key ? "E1" : "E2";
  }

  /** A deletion is accepted by the commit that took the lines away. */
  async #deletionAnchors(op: Op, effect: Effect): Promise<readonly Anchor[]> {
    const { lineOf } = this.#tip.population;
    if (effect.removed.every((id) => lineOf.has(id))) return [];
    const deletions = await this.#commits.deletions(op, effect);
    return deletions.map(({ commit, blob }) => ({
      commit: commit.sha,
      path: this.#path,
      start: 0,
      end: 0,
      evidence: "observed",
      class: blob === (effect.change.after?.key ?? null) ? "E1" : "E2",
    }));
  }
}

/** Of a file that has no lines at the tip, no more is said than is known. */
function knownState(state: PatchState, tip: FileContent | null): PatchState {
  if (tip === null || tip.lines !== null || state === "pending" || state === "alive") return state;
  return tip.unowned === "binary" ? "lost" : "unknown";
}

interface Parts {
  readonly ledger: PathLedger;
  readonly path: string;
  readonly name: string;
  readonly sha: string | null;
  readonly tip: Placed;
  readonly head: Placed;
  readonly work: Placed;
  readonly isHead: boolean;
}

function placed(ledger: PathLedger, path: string, content: FileContent | null): Placed {
  const lines = content?.lines ?? [];
  const resolved = ledger.resolve(path, { key: content?.key ?? "absent", lines });
  return { content, population: populationOf(ledger.births, resolved, resolved.birthAt) };
}

/** The commits that took lines into other files, one anchor for each file. */
function anchorsAway(away: ReadonlyMap<number, LineAway>): readonly Anchor[] {
  const anchors = new Map<string, Anchor>();
  for (const { owned, path, index } of away.values()) {
    if (owned.commit === null) continue;
    const { sha } = owned.commit;
    const known = anchors.get(`${sha} ${path}`);
    const line = index + 1;
    const own: AnchorClass = owned.flags.includes("reformatted") ? "E4" : "E3";
    anchors.set(`${sha} ${path}`, {
      commit: sha,
      path,
      start: Math.min(known?.start ?? line, line),
      end: Math.max(known?.end ?? line, line),
      evidence: "carried",
      class: looserOf(known?.class ?? "E3", own),
    });
  }
  return [...anchors.values()];
}

/** The weaker of two classes: an anchor is no better than its worst line. */
function looserOf(one: AnchorClass, other: AnchorClass): AnchorClass {
  return one > other ? one : other;
}
