import type { Op } from "../base/op.ts";
import type { ChangedCommit } from "../git/parse/changed-log.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { TrackedPatch } from "../model/answers.ts";
import type { AnchorClass, LineEvidence, OwnerKind, PatchState } from "../model/trail.ts";
import type { Births } from "../trail/births.ts";
import { lineMarks } from "../trail/carry.ts";
import { remembered } from "../trail/origins.ts";
import { stepNumber } from "../model/ids.ts";
import type { Effect, LedgerChange, PathLedger } from "../trail/path-ledger.ts";
import {
  isWhole,
  type Population,
  populationOf,
  readableIds,
  remainsOf,
  type Survival,
  survivalOf,
} from "../trail/survival.ts";
import { changeOfPath, commitsTouching } from "./commit-history.ts";
import { wasMadeSince } from "./commit-order.ts";
import { isContended } from "./contended.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import { birthsOfBlob, type LineHolder, LineHolders, type Place } from "./line-holders.ts";
import { type LineAway, linesAway, withLinesAway } from "./moved-away.ts";
import { nameAt } from "./renamed-path.ts";
import type { RepoContext } from "./repo-context.ts";
import { formFate, type WholeFile, wholeFileFate } from "./whole-file-fate.ts";

/** Commits of one path that are walked to learn what happened to a patch. */
const walkedCommitsMax = 500;

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
  readonly #work: Placed | null;
  readonly #names: readonly string[];
  readonly #holders: LineHolders | null;
  readonly #presence = new Map<string, Promise<Presence>>();

  private constructor(context: RepoContext, parts: Parts) {
    this.#context = context;
    this.#ledger = parts.ledger;
    this.#path = parts.path;
    this.#name = parts.name;
    this.#sha = parts.sha;
    this.#tip = parts.tip;
    this.#work = parts.work;
    const { ledger, path, name, sha } = parts;
    const versions = ledger.versions.map((version) => version.path);
    this.#names = [...new Set([name, path, ...versions])];
    const blob = parts.tip.content?.key;
    this.#holders =
      sha === null || blob === undefined
        ? null
        : new LineHolders(context, { ledger, path, names: this.#names }, { sha, path: name, blob });
  }

  /** Found once for each state of bucket, tip and work tree. */
  static async of(op: Op, context: RepoContext, path: string, tip: Tip): Promise<PathFates> {
    const { serial } = await context.ledger(op, path);
    const stamp = tip.isHead ? ((await findOnDisk(context, path))?.key ?? "absent") : "";
    const key = `fates\0${serial}\0${tip.sha}\0${stamp}\0${path}`;
    return context.once(key, () => PathFates.#find(op, context, path, tip), "file");
  }

  static async #find(op: Op, context: RepoContext, path: string, tip: Tip): Promise<PathFates> {
    const ledger = await context.ledger(op, path);
    const name = tip.sha === null ? path : await nameAt(op, context, { sha: tip.sha, path });
    const committed =
      tip.sha === null ? null : await findInCommit(op, context, { sha: tip.sha, path: name });
    const onDisk = tip.isHead ? await findOnDisk(context, name) : null;
    return new PathFates(context, {
      ledger,
      path,
      name,
      sha: tip.sha,
      tip: placed(ledger, path, committed),
      work: tip.isHead ? placed(ledger, path, onDisk) : null,
    });
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
    const work = this.#work === null ? null : withLinesAway(this.#work.population, away);
    const atTip = remainsOf(births, effect, tip);
    const atWork = work === null ? atTip : remainsOf(births, effect, work);
    const isMissing = !isWhole(atTip);
    const remover = isMissing ? this.#laterRemover(effect) : null;
    const holder = isMissing ? await this.#lastHolder(op, effect) : null;
    const survival = survivalOf({
      births,
      effect,
      tip,
      work,
      undoneByStep: remover?.kind === "step",
      wasAnchored: holder !== null,
    });
    const state = knownState(survival.state, this.#tip.content);
    const flags = new Set(survival.flags);
    if (this.#name !== this.#path && atTip.surviving.length > 0) flags.add("moved");
    if (isContended(this.#context, this.#ledger, effect)) flags.add("contended");
    const anchors = [...(await this.#anchors(op, effect, atTip.surviving)), ...anchorsAway(away)];
    const isPending = state === "pending";
    const isChanged = !isPending && isMissing && state !== "alive" && state !== "unknown";
    return {
      ...survival,
      state,
      flags: [...flags].toSorted(),
      anchors,
      by: isChanged ? (holder?.next ?? remover) : null,
      survivingLines: (isPending ? atWork : atTip).surviving.length,
      addedLines: atTip.added,
    };
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
    const commits: ChangedCommit[] = [];
    for (const commit of await this.#commits(op)) {
      if (!(await isOlder(op, this.#context, commit, change))) commits.push(commit);
    }
    return {
      change,
      path: this.#path,
      tip: this.#tip.content,
      work: this.#work?.content,
      commits,
      blobIn: async (commit) => (await this.#placeIn(op, commit))?.blob ?? null,
    };
  }

  /** Who took lines of the change away later, as far as changes that were seen tell. */
  #laterRemover(effect: Effect): { kind: OwnerKind; id: string | null } | null {
    const own = new Set(effect.added.length > 0 ? effect.added : effect.removed);
    const at = this.#ledger.effects.findIndex(({ change }) => change === effect.change);
    for (const later of this.#ledger.effects.slice(at + 1)) {
      const gone = effect.added.length > 0 ? later.removed : Array.from(later.after.ids);
      const touched = gone.find((id) => own.has(id));
      if (
        touched === undefined ||
        later.before.ids.includes(touched) === (effect.added.length === 0)
      ) {
        continue;
      }
      const owner = (later.change.cause("", -1) ?? this.#firstAttribution(later))?.owner;
      if (owner === undefined) return { kind: "unknown", id: null };
      const { kind, step } = owner;
      const id = step === null ? null : `${step.trace}:${stepNumber(step.agent, step.index)}`;
      return { kind, id };
    }
    return null;
  }

  #firstAttribution(effect: Effect) {
    const [first] = effect.added;
    return first === undefined ? null : this.#ledger.births.get(first).attribution;
  }

  /** The newest commit that held all of the change, and the one that followed it. */
  async #lastHolder(op: Op, effect: Effect) {
    const commits = await this.#commits(op);
    for (const [at, commit] of commits.entries()) {
      const { has } = await this.#presenceAt(op, commit);
      if (!isHeld(this.#ledger.births, effect, has)) continue;
      if (await isOlder(op, this.#context, commit, effect.change)) continue;
      const next = commits[at - 1];
      return { sha: commit.sha, next: next === undefined ? null : byCommit(next.sha) };
    }
    return null;
  }

  /** The commits that accepted what lives of the change, one anchor each. */
  async #anchors(op: Op, effect: Effect, surviving: readonly number[]): Promise<readonly Anchor[]> {
    if (this.#holders === null && effect.added.length > 0) return [];
    if (effect.added.length === 0) return this.#deletionAnchor(op, effect);
    const holders = await this.#holders?.of(op, surviving);
    const anchors = new Map<string, Anchor>();
    for (const id of surviving) {
      const holder = holders?.get(id);
      if (holder === undefined) continue;
      const { sha } = holder.commit;
      const known = anchors.get(sha);
      const line = holder.line + 1;
      const mark = this.#tip.population.state.marks[this.#tip.population.lineOf.get(id) ?? -1] ?? 0;
      anchors.set(sha, {
        commit: sha,
        path: holder.path,
        start: Math.min(known?.start ?? line, line),
        end: Math.max(known?.end ?? line, line),
        evidence: this.#evidenceOf(id, mark),
        class: looserOf(known?.class ?? "E1", this.#classOf(effect, holder, mark)),
      });
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

  /** A deletion is accepted by the first commit without the lines. */
  async #deletionAnchor(op: Op, effect: Effect): Promise<readonly Anchor[]> {
    const commits = await this.#commits(op);
    for (const commit of commits.toReversed()) {
      if (await isOlder(op, this.#context, commit, effect.change)) continue;
      const { has, blob } = await this.#presenceAt(op, commit);
      if (readableIds(this.#ledger.births, effect.removed).some(has)) continue;
      const isSame = blob === (effect.change.after?.key ?? null);
      const place = { commit: commit.sha, path: this.#path, start: 0, end: 0 };
      return [{ ...place, evidence: "observed", class: isSame ? "E1" : "E2" }];
    }
    return [];
  }

  /** Commits of the tip's history that touched the path, newest first. */
  async #commits(op: Op): Promise<readonly ChangedCommit[]> {
    if (this.#sha === null) return [];
    const commits = await commitsTouching(op, this.#context, this.#sha, this.#names);
    return commits.slice(0, walkedCommitsMax);
  }

  #presenceAt(op: Op, commit: ChangedCommit): Promise<Presence> {
    return remembered(
      this.#presence,
      commit.sha,
      () => this.#findPresence(op, commit),
      walkedCommitsMax,
    );
  }

  async #findPresence(op: Op, commit: ChangedCommit): Promise<Presence> {
    const place = await this.#placeIn(op, commit);
    if (place === null) return { blob: null, has: () => false };
    const named = { ledger: this.#ledger, path: this.#path };
    const present = new Uint8Array(this.#ledger.births.count);
    const { ids, reflowed } = await birthsOfBlob(op, this.#context, named, place);
    for (const id of ids) if (id >= 0) present[id] = 1;
    for (const id of reflowed.keys()) present[id] = 1;
    return { blob: place.blob, has: (id) => present[id] === 1 };
  }

  /** What the file is in a commit that touched it, under whichever name. */
  async #placeIn(op: Op, commit: ChangedCommit): Promise<Place | null> {
    for (const path of this.#names) {
      const blob = changeOfPath(commit, path)?.after ?? null;
      if (blob !== null) return { path, blob };
    }
    for (const path of this.#names) {
      const entry = await this.#context.reader.readTreePath(op, commit.sha, path);
      if (entry !== null) return { path, blob: entry.oid };
    }
    return null;
  }
}

/** Of a file that has no lines at the tip, no more is said than is known. */
function knownState(state: PatchState, tip: FileContent | null): PatchState {
  if (tip === null || tip.lines !== null || state === "pending" || state === "alive") return state;
  return tip.unowned === "binary" ? "lost" : "unknown";
}

/** Which births a commit's version of the path has; `blob` is null where it has none. */
interface Presence {
  readonly blob: string | null;
  readonly has: (id: number) => boolean;
}

/** True if nothing of the change is missing, and nothing that it deleted is there. */
function isHeld(births: Births, effect: Effect, has: Presence["has"]): boolean {
  return (
    readableIds(births, effect.added).every(has) && !readableIds(births, effect.removed).some(has)
  );
}

interface Parts {
  readonly ledger: PathLedger;
  readonly path: string;
  readonly name: string;
  readonly sha: string | null;
  readonly tip: Placed;
  readonly work: Placed | null;
}

function placed(ledger: PathLedger, path: string, content: FileContent | null): Placed {
  const lines = content?.lines ?? [];
  const resolved = ledger.resolve(path, { key: content?.key ?? "absent", lines });
  return { content, population: populationOf(ledger.births, resolved, resolved.birthAt) };
}

/** True if the commit was there before the change: by its date, unless HEAD moved to it since. */
async function isOlder(
  op: Op,
  context: RepoContext,
  { sha, committedAtMs }: CommitInfo,
  { atMs, sinceMs, trace }: LedgerChange,
): Promise<boolean> {
  if (committedAtMs + 999 >= atMs) return false;
  const events = (await context.bucket.view(trace)?.readEvents()) ?? [];
  const before = events.findLast(
    (event) => event.r === "snapshot" && event.atMs <= (sinceMs ?? -Infinity),
  );
  if (before?.r !== "snapshot") return true;
  return !(await wasMadeSince(op, context, sha, before.base));
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

function byCommit(sha: string): { kind: "commit"; id: string } {
  return { kind: "commit", id: sha };
}

/** The weaker of two classes: an anchor is no better than its worst line. */
function looserOf(one: AnchorClass, other: AnchorClass): AnchorClass {
  return one > other ? one : other;
}
