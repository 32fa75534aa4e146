import type { Op } from "../base/op.ts";
import type { BlameCommit } from "../git/parse/blame.ts";
import type { LineEvidence, LineFlag, LineOwner, Owner } from "../model/trail.ts";
import type { Birth, Births, Descent } from "../trail/births.ts";
import { lineMarks } from "../trail/carry.ts";
import { unknownOwner } from "../trail/cause.ts";
import { addNormalisedMatches, diffLines, matchOfHunks } from "../trail/line-diff.ts";
import type { LineOrigin } from "../trail/origins.ts";
import type { PathLedger, Resolved } from "../trail/path-ledger.ts";
import { arrivedLine } from "./arrived-line.ts";
import { captureBegin } from "./capture-begin.ts";
import { judgeCommit, seenInEditor } from "./commit-evidence.ts";
import { isAncestor, isBeforeCapture } from "./commit-order.ts";
import { type FileContent, findInCommit } from "./file-content.ts";
import { type Arrivals, arrivalsInCommit, arrivalsOnDisk } from "./line-arrivals.ts";
import { LineHolders } from "./line-holders.ts";
import { originsOf } from "./line-origins.ts";
import type { RepoContext } from "./repo-context.ts";
import { writtenInCommit } from "./written-in-commit.ts";

/** Earlier owners that are listed of one line. */
const lineageMax = 8;

/** The commit that took a line in and has kept it since. */
export type HoldingCommit = Pick<BlameCommit, "sha" | "subject" | "author" | "authoredAtMs">;

/** One line with its owner, and the commit that holds it. */
export interface OwnedLine extends LineOwner {
  readonly text: string;
  /** Null while it is not committed. */
  readonly commit: HoldingCommit | null;
  readonly birth: Birth;
  /**
   * Path whose ledger knows the birth: an earlier name of the file, where the line is from then.
   */
  readonly bornAs: string;
}

/**
 * The owners of one content of one file: the one primitive that every answer about lines rests on.
 *
 * What concerns the whole file is found once; a line is judged when it is asked for.
 */
export class FileOwners {
  readonly content: FileContent & { readonly lines: readonly string[] };
  readonly ledger: PathLedger;
  readonly resolved: Resolved;
  readonly #context: RepoContext;
  /** For each line, its 0-based place in the committed file; -1 where it is not committed. */
  readonly #committedAt: Int32Array;
  /** The commit that it is committed in; null where there is none. */
  readonly #sha: string | null;
  readonly #holders: LineHolders | null;
  /** What the file was called until a rename that is not committed yet. */
  readonly #renamed: Renamed | null;

  private constructor(context: RepoContext, parts: Parts) {
    this.#context = context;
    this.content = parts.content;
    this.ledger = parts.ledger;
    this.resolved = parts.resolved;
    this.#committedAt = parts.committedAt;
    this.#sha = parts.sha;
    this.#holders = parts.holders;
    this.#renamed = parts.renamed;
  }

  /**
   * Null for a content that is not owned line by line. `source` is what it was before a rename that
   * is not committed yet.
   */
  static async of(
    op: Op,
    context: RepoContext,
    content: FileContent,
    source: FileContent | null = null,
  ): Promise<FileOwners | null> {
    const { lines } = content;
    if (lines === null) return null;
    const sha = content.rev === "worktree" ? await context.head.commit(op) : content.rev;
    const ledger = await context.ledger(op, content.path);
    const { path } = content;
    const committed = sha === null ? null : await findInCommit(op, context, { sha, path });
    const whole = { ...content, lines };
    const hints = { root: context.repository.workTree };
    const earlier = source === null ? null : await FileOwners.of(op, context, source);
    return new FileOwners(context, {
      content: whole,
      ledger,
      resolved: ledger.resolve(content.path, whole, hints),
      committedAt: committedPlaces(whole, committed),
      sha,
      holders:
        sha === null || committed === null
          ? null
          : new LineHolders(
              context,
              { ledger, path, names: [] },
              { sha, path, blob: committed.key },
            ),
      renamed:
        earlier === null ? null : { earlier, matchOf: committedPlaces(whole, earlier.content) },
    });
  }

  /**
   * The owners of a text that somebody is changing right now; this is of the file as it is saved.
   */
  after(content: FileContent): FileOwners | null {
    const { lines } = content;
    if (lines === null) return null;
    const resolved = this.ledger.resolveAfter(this.resolved, lines);
    const matchOf = matchOfHunks(diffLines(this.content.lines, lines), lines.length);
    return new FileOwners(this.#context, {
      content: { ...content, lines },
      ledger: this.ledger,
      resolved,
      committedAt: placesAfter(matchOf, this.#committedAt),
      sha: this.#sha,
      holders: this.#holders,
      renamed: this.#renamed && {
        ...this.#renamed,
        matchOf: placesAfter(matchOf, this.#renamed.matchOf),
      },
    });
  }

  /**
   * Asks at once what lines from one 0-based index up to another need: whoever asks for many of
   * them need not wait for each.
   */
  async prepare(op: Op, from: number, to: number): Promise<void> {
    const known: number[] = [];
    let isGitNeeded = false;
    for (let index = from; index < to; index += 1) {
      if ((this.#committedAt[index] ?? -1) < 0) continue;
      const isAttributed = (this.resolved.birthAt(index)?.attribution ?? null) !== null;
      if (isAttributed) known.push(this.resolved.ids[index] ?? -1);
      else isGitNeeded = true;
    }
    await Promise.all([
      this.#holders?.of(op, known),
      isGitNeeded && this.#sha !== null ? this.#origins(op, this.#sha) : null,
    ]);
  }

  /** The owner of a line by its 0-based index. */
  async lineAt(op: Op, index: number): Promise<OwnedLine> {
    const birth = this.resolved.birthAt(index);
    if (birth === undefined) throw new Error(`Broken assumption: no line ${index}`);
    const earlier = await this.#earlierName(op, index, birth);
    if (earlier !== null) return earlier;
    const text = this.content.lines[index] ?? "";
    const mark = this.resolved.marks[index] ?? 0;
    const judged = await this.#judge(op, index, birth);
    const evidence =
      judged.owner.kind === "step" ? carriedEvidence(judged.evidence, mark) : judged.evidence;
    const owned: OwnedLine = {
      text,
      owner: judged.owner,
      evidence,
      lineage: lineageOf(judged.births, judged.birth),
      flags: flagsOf(mark, judged.owner),
      commit: await this.#commitOf(op, index, birth),
      birth: judged.birth,
      bornAs: judged.bornAs,
    };
    return (await this.#arrived(op, index, owned)) ?? owned;
  }

  /** The line as it was before the change that only took it from elsewhere or reformatted it. */
  async #arrived(op: Op, index: number, owned: OwnedLine): Promise<OwnedLine | null> {
    if (owned.owner.kind === "step" || owned.evidence === "before-capture") return null;
    const origin = await this.#originAt(op, index);
    const arrivals = await this.#arrivalsAt(op, origin);
    const arrival = arrivals?.get(origin?.line ?? index);
    if (arrival === undefined) return null;
    return arrivedLine(owned, arrival, async (content, line) => {
      const { serial } = await this.#context.ledger(op, content.path);
      const key = `earlier\0${serial}\0${content.rev}\0${content.key}\0${content.path}`;
      const make = (): Promise<FileOwners | null> => FileOwners.of(op, this.#context, content);
      const owners = await this.#context.once(key, make, "file");
      return owners?.lineAt(op, line) ?? null;
    });
  }

  async #arrivalsAt(op: Op, origin: LineOrigin | null): Promise<Arrivals | null> {
    const context = this.#context;
    if (origin !== null) {
      const { commit, path } = origin;
      return arrivalsInCommit(op, context, { ...commit, path });
    }
    const { path, rev, key } = this.content;
    // A text that is not saved yet changes with each keystroke.
    const isSaved = rev === "worktree" && context.onDisk.get(path)?.content.key === key;
    return isSaved ? arrivalsOnDisk(op, context, this.content) : null;
  }

  /** The commit that holds a line: git is asked for lines that no session knows, and only then. */
  async #commitOf(op: Op, index: number, birth: Birth): Promise<HoldingCommit | null> {
    if ((this.#committedAt[index] ?? -1) < 0) return null;
    const id = this.resolved.ids[index] ?? -1;
    if (birth.attribution !== null && id >= 0 && this.#holders !== null) {
      const holder = (await this.#holders.of(op, [id])).get(id);
      if (holder !== undefined) return holder.commit;
    }
    return (await this.#originAt(op, index))?.commit ?? null;
  }

  /** Where a line was committed, as `git blame` tells; null while it is not. */
  async #originAt(op: Op, index: number): Promise<LineOrigin | null> {
    const at = this.#committedAt[index] ?? -1;
    if (at < 0 || this.#sha === null) return null;
    return (await this.#origins(op, this.#sha))[at] ?? null;
  }

  #origins(op: Op, sha: string): Promise<readonly LineOrigin[]> {
    return originsOf(op, this.#context, sha, this.content.path);
  }

  /** The line under the name that the file had until a rename that is not committed yet. */
  async #earlierName(op: Op, index: number, birth: Birth): Promise<OwnedLine | null> {
    const old = this.#renamed?.matchOf[index] ?? -1;
    if (this.#renamed === null || old < 0 || birth.attribution !== null) return null;
    const line = await this.#renamed.earlier.lineAt(op, old);
    const text = this.content.lines[index] ?? "";
    if (line.owner.kind !== "step") return { ...line, text };
    const flags = [...new Set<LineFlag>(["moved", ...line.flags])];
    return { ...line, text, evidence: "carried", flags };
  }

  async #judge(op: Op, index: number, birth: Birth): Promise<Judged> {
    const here = { birth, births: this.ledger.births, bornAs: this.content.path };
    if (birth.attribution !== null) return { ...birth.attribution, ...here };
    const origin = await this.#originAt(op, index);
    if (origin === null) {
      const at = { path: this.content.path, line: index + 1 };
      const owner = await seenInEditor(op, this.#context, at);
      if (owner !== null) return { owner, evidence: "observed", ...here };
      return { owner: unknownOwner, evidence: "none", ...here };
    }
    const adopted = await this.#adopted(op, origin);
    if (adopted !== null) return adopted;
    const written = (await writtenInCommit(op, this.#context, origin)).get(origin.line);
    if (written !== undefined) return { ...written, ...here };
    return { ...(await judgeCommit(op, this.#context, { ...origin, birth })), ...here };
  }

  /**
   * Asks the commit that brought the line in: under the name that the file had there, it may be
   * known.
   */
  async #adopted(op: Op, { commit, path, line }: LineOrigin): Promise<Judged | null> {
    if (commit.sha === this.content.rev && path === this.content.path) return null;
    const begin = await captureBegin(op, this.#context);
    const base = begin?.base ?? null;
    if (begin === null || (await isAncestor(op, this.#context, commit.sha, base))) return null;
    const content = await findInCommit(op, this.#context, { sha: commit.sha, path });
    if (content === null || content.lines === null) return null;
    const ledger = await this.#context.ledger(op, path);
    if (ledger.versions.length === 0) return null;
    const lines = { ...content, lines: content.lines };
    const key = `resolved\0${ledger.serial}\0${commit.sha}\0${path}`;
    const hints = { atMs: commit.committedAtMs };
    const resolved = await this.#context.once(
      key,
      async () => ledger.resolve(path, lines, hints),
      "file",
    );
    // A content that a snapshot saw needs no date to be believed.
    if (!resolved.isKnown && (await isBeforeCapture(op, this.#context, commit))) return null;
    const birth = resolved.birthAt(line);
    if (birth === undefined || birth.attribution?.owner.kind !== "step") return null;
    const isElsewhere = path !== this.content.path;
    const evidence: LineEvidence = isElsewhere ? "carried" : birth.attribution.evidence;
    const { owner } = birth.attribution;
    return { owner, evidence, birth, births: ledger.births, bornAs: path };
  }
}

interface Judged {
  readonly owner: Owner;
  readonly evidence: LineEvidence;
  readonly birth: Birth;
  readonly births: Births;
  readonly bornAs: string;
}

interface Parts {
  readonly content: FileContent & { readonly lines: readonly string[] };
  readonly ledger: PathLedger;
  readonly resolved: Resolved;
  readonly committedAt: Int32Array;
  readonly sha: string | null;
  readonly holders: LineHolders | null;
  readonly renamed: Renamed | null;
}

/** The owners under an earlier name, and for each line its 0-based place there or -1. */
interface Renamed {
  readonly earlier: FileOwners;
  readonly matchOf: Int32Array;
}

/** Places of lines that were matched with lines whose places are known; -1 for the others. */
function placesAfter(matchOf: Int32Array, places: Int32Array): Int32Array {
  return matchOf.map((old) => (old < 0 ? -1 : (places[old] ?? -1)));
}

function committedPlaces(
  { lines, key }: { readonly lines: readonly string[]; readonly key: string },
  committed: FileContent | null,
): Int32Array {
  if (committed === null || committed.lines === null) return new Int32Array(lines.length).fill(-1);
  if (committed.key === key) return matchOfHunks([], lines.length);
  const exact = matchOfHunks(diffLines(committed.lines, lines), lines.length);
  // Git may write other line ends into the work tree than it keeps.
  return addNormalisedMatches(exact, committed.lines, lines).matchOf;
}

function carriedEvidence(evidence: LineEvidence, mark: number): LineEvidence {
  return mark === 0 ? evidence : "carried";
}

function flagsOf(mark: number, owner: Owner): LineFlag[] {
  return [
    ...((mark & (lineMarks.moved | lineMarks.renamed)) === 0 ? [] : ["moved" as const]),
    ...((mark & lineMarks.reformatted) === 0 ? [] : ["reformatted" as const]),
    ...(owner.candidates.length > 1 ? ["contended" as const] : []),
  ];
}

/**
 * Earlier owners of a line, newest first; those that nobody is known to have written are left out.
 */
function lineageOf(births: Births, birth: Birth): LineOwner["lineage"] {
  const lineage: { owner: Owner; commit: null; how: Descent["how"] }[] = [];
  let [descent] = birth.ancestors;
  for (let step = 0; step < lineageMax && descent !== undefined; step += 1) {
    const earlier = births.get(descent.birth);
    const owner = earlier.attribution?.owner;
    if (owner !== undefined) lineage.push({ owner, commit: null, how: descent.how });
    [descent] = earlier.ancestors;
  }
  return lineage;
}
