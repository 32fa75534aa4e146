import type { Op } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { TrackedPatch } from "../model/answers.ts";
import type { AnchorClass, LineEvidence, OwnerKind } from "../model/trail.ts";
import { lineMarks } from "../trail/carry.ts";
import { stepNumber } from "../model/ids.ts";
import type { Effect, LedgerChange, PathLedger } from "../trail/path-ledger.ts";
import {
  isGone,
  isWhole,
  type Population,
  populationOf,
  remainsOf,
  type Survival,
  survivalOf,
} from "../trail/survival.ts";
import { wasMadeSince } from "./commit-order.ts";
import { isContended } from "./contended.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import { nameAt } from "./renamed-path.ts";
import type { RepoContext } from "./repo-context.ts";

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
  #walk: Promise<readonly CommitInfo[]> | undefined;

  private constructor(context: RepoContext, parts: Parts) {
    this.#context = context;
    this.#ledger = parts.ledger;
    this.#path = parts.path;
    this.#name = parts.name;
    this.#sha = parts.sha;
    this.#tip = parts.tip;
    this.#work = parts.work;
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
    if (isWholeFile) return this.#wholeFileFate(effect);
    const { births } = this.#ledger;
    const tip = this.#tip.population;
    const work = this.#work?.population ?? null;
    const atTip = remainsOf(births, effect, tip);
    const atWork = work === null ? atTip : remainsOf(births, effect, work);
    const remover = this.#laterRemover(effect);
    const isMissing = !isWhole(atTip);
    const holder = isMissing ? await this.#lastHolder(op, effect) : null;
    const survival = survivalOf({
      births,
      effect,
      tip,
      work,
      undoneByStep: remover?.kind === "step",
      wasAnchored: holder !== null,
    });
    const flags = new Set(survival.flags);
    if (this.#name !== this.#path && atTip.surviving.length > 0) flags.add("moved");
    if (isContended(this.#context, this.#ledger, effect)) flags.add("contended");
    const anchors = await this.#anchors(op, effect, atTip.surviving);
    const isPending = survival.state === "pending";
    const isChanged = !isPending && isMissing && survival.state !== "alive";
    return {
      ...survival,
      flags: [...flags].toSorted(),
      anchors,
      by: isChanged ? (holder?.next ?? remover) : null,
      survivingLines: (isPending ? atWork : atTip).surviving.length,
      addedLines: atTip.added,
    };
  }

  /** A file without lines lives while its blob does. */
  #wholeFileFate({ change }: Effect): Fate {
    const at = (content: FileContent | null | undefined): string | null => content?.key ?? null;
    const after = change.after?.key ?? null;
    const before = change.before?.key ?? null;
    const tip = at(this.#tip.content);
    const isPending = tip !== after && this.#work !== null && at(this.#work.content) === after;
    const state =
      tip === after ? "alive" : isPending ? "pending" : tip === before ? "reverted" : "lost";
    const retention = tip === after ? 1 : 0;
    const flags = change.after === null ? ["deletion"] : ["binary"];
    return { state, retention, flags, anchors: [], by: null, survivingLines: 0, addedLines: 0 };
  }

  /** Who took lines of the change away later, as far as changes that were seen tell. */
  #laterRemover(effect: Effect): { kind: OwnerKind; id: string | null } | null {
    const own = new Set(effect.added.length > 0 ? effect.added : effect.removed);
    const at = this.#ledger.effects.indexOf(effect);
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

  /** The newest commit that held something of the change, and the one that followed it. */
  async #lastHolder(op: Op, effect: Effect) {
    const commits = await this.#commits(op);
    for (const [at, commit] of commits.entries()) {
      const there = (await this.#at(op, commit.sha)).population;
      const remains = remainsOf(this.#ledger.births, effect, there);
      const isHeld =
        remains.added > 0 ? !isGone(remains) && isWhole(remains) : remains.returned === 0;
      if (!isHeld || (await isOlder(op, this.#context, commit, effect.change))) continue;
      const next = commits[at - 1];
      return { sha: commit.sha, next: next === undefined ? null : byCommit(next.sha) };
    }
    return null;
  }

  /** The commits that accepted what lives of the change, one anchor each. */
  async #anchors(op: Op, effect: Effect, surviving: readonly number[]): Promise<readonly Anchor[]> {
    if (this.#sha === null) return [];
    if (effect.added.length === 0) return this.#deletionAnchor(op, effect);
    if (surviving.length === 0) return [];
    const origins = await this.#context.origins.of(op, this.#sha, this.#name);
    const anchors = new Map<string, Anchor>();
    for (const id of surviving) {
      const index = this.#tip.population.lineOf.get(id) ?? -1;
      const origin = origins[index];
      if (origin === undefined) continue;
      const { sha } = origin.commit;
      const known = anchors.get(sha);
      const line = origin.line + 1;
      const mark = this.#tip.population.state.marks[index] ?? 0;
      anchors.set(sha, {
        commit: sha,
        path: origin.path,
        start: Math.min(known?.start ?? line, line),
        end: Math.max(known?.end ?? line, line),
        evidence: this.#evidenceOf(id, mark),
        class: looserOf(
          known?.class ?? "E1",
          await this.#classOf(op, effect, { sha, path: origin.path, mark }),
        ),
      });
    }
    return [...anchors.values()];
  }

  #evidenceOf(id: number, mark: number): LineEvidence {
    if (mark !== 0) return "carried";
    return this.#ledger.births.get(id).attribution?.evidence ?? "none";
  }

  async #classOf(
    op: Op,
    { change }: Effect,
    at: { sha: string; path: string; mark: number },
  ): Promise<AnchorClass> {
    if ((at.mark & lineMarks.reformatted) !== 0) return "E4";
    if ((at.mark & (lineMarks.moved | lineMarks.renamed)) !== 0) return "E3";
    if (at.path !== change.path || this.#name !== this.#path) return "E3";
    const content = await findInCommit(op, this.#context, at);
    return content !== null && content.key === change.after?.key ? "E1" : "E2";
  }

  /** A deletion is accepted by the first commit without the lines. */
  async #deletionAnchor(op: Op, effect: Effect): Promise<readonly Anchor[]> {
    const commits = await this.#commits(op);
    for (const commit of commits.toReversed()) {
      if (await isOlder(op, this.#context, commit, effect.change)) continue;
      const { sha } = commit;
      const there = await this.#at(op, sha);
      if (remainsOf(this.#ledger.births, effect, there.population).returned > 0) continue;
      const isSame = (there.content?.key ?? null) === (effect.change.after?.key ?? null);
      const place = { commit: sha, path: this.#path, start: 0, end: 0 };
      return [{ ...place, evidence: "observed", class: isSame ? "E1" : "E2" }];
    }
    return [];
  }

  /** Commits of the tip's history that touched the path, newest first. */
  #commits(op: Op): Promise<readonly CommitInfo[]> {
    const sha = this.#sha;
    if (sha === null) return Promise.resolve([]);
    const versions = this.#ledger.versions.map(({ path }) => path);
    const paths = [...new Set([this.#name, this.#path, ...versions])];
    this.#walk ??= this.#context.once(`walk\0${sha}\0${paths.join("\0")}`, () =>
      listCommits(op, this.#context.repository, { revs: [sha], paths, limit: walkedCommitsMax }),
    );
    return this.#walk;
  }

  async #at(op: Op, sha: string): Promise<Placed> {
    const key = `placed\0${this.#ledger.serial}\0${sha}\0${this.#path}`;
    const read = async (): Promise<Placed> => {
      const names = [this.#path, this.#name, ...this.#ledger.versions.map(({ path }) => path)];
      for (const path of new Set(names)) {
        const content = await findInCommit(op, this.#context, { sha, path });
        if (content !== null) return placed(this.#ledger, this.#path, content);
      }
      return placed(this.#ledger, this.#path, null);
    };
    return this.#context.once(key, read, "file");
  }
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

function byCommit(sha: string): { kind: "commit"; id: string } {
  return { kind: "commit", id: sha };
}

/** The weaker of two classes: an anchor is no better than its worst line. */
function looserOf(one: AnchorClass, other: AnchorClass): AnchorClass {
  return one > other ? one : other;
}
