import { type Op, throwIfCancelled } from "../base/op.ts";
import { listCommits, readCommit } from "../git/history.ts";
import type { TreeChange } from "../git/parse/diff.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { CommitBlameAnswer } from "../model/answers.ts";
import { type StepNumber, stepNumber, type TraceId } from "../model/ids.ts";
import { textHead } from "../model/text.ts";
import type { Owner, StepCandidate } from "../model/trail.ts";
import { type AddedLine, addedLines } from "./added-lines.ts";
import { changesOfAll } from "./commit-history.ts";
import { defaultBase } from "./default-branch.ts";
import { noCommit, requireCommit } from "./file-content.ts";
import { promptOfStep } from "./prompt-of-step.ts";
import type { RepoContext } from "./repo-context.ts";

/** Commits of a range that are answered for at most. */
const commitsMax = 500;

type Commit = CommitBlameAnswer["commits"][number];

/**
 * Who wrote the lines that a commit added, or each commit of a range `A..B`, newest first.
 *
 * A range without its beginning starts where the default branch was left. Throws `not-found`.
 */
export async function blameCommit(
  op: Op,
  context: RepoContext,
  { rev }: { readonly rev: string },
): Promise<CommitBlameAnswer> {
  const commits: Commit[] = [];
  const asked = await askedCommits(op, context, rev);
  const changes = await changesOfAll(
    op,
    context,
    asked.map(({ sha }) => sha),
  );
  for (const commit of asked) {
    throwIfCancelled(op);
    commits.push(await blameOne(op, context, commit, changes.get(commit.sha) ?? []));
  }
  return { commits };
}

async function askedCommits(
  op: Op,
  context: RepoContext,
  rev: string,
): Promise<readonly CommitInfo[]> {
  const dots = rev.indexOf("..");
  if (dots < 0) {
    const commit = await readCommit(op, context.repository, rev);
    if (commit !== null) return [commit];
    throw await noCommit(op, context, rev);
  }
  const to = rev.slice(dots + 2) || "HEAD";
  await requireCommit(op, context, to);
  const from = rev.slice(0, dots);
  if (from !== "") await requireCommit(op, context, from);
  const base = from || (await defaultBase(op, context, to));
  const range = base === null ? to : `${base}..${to}`;
  return listCommits(op, context.repository, { revs: [range], limit: commitsMax });
}

async function blameOne(
  op: Op,
  context: RepoContext,
  commit: CommitInfo,
  changes: readonly TreeChange[],
): Promise<Commit> {
  const lines: AddedLine[] = [];
  for (const change of changes) lines.push(...(await addedLines(op, context, commit, change)));
  const count = (kind: Owner["kind"]): number =>
    lines.filter(({ owner }) => owner.kind === kind).length;
  return {
    sha: commit.sha,
    subject: commit.subject,
    coverage: {
      added: lines.length,
      byStep: count("step"),
      byHuman: count("human") + count("formatter"),
      unknown: count("unknown"),
    },
    traces: await tracesOf(context, lines, commit.committedAtMs),
  };
}

/** What one session added to a commit. */
interface Share {
  lines: number;
  /** Of these, lines that say something new. */
  fresh: number;
  readonly steps: Map<StepNumber, StepCandidate>;
}

/** The sessions behind a commit, the one that explains most of it first. */
async function tracesOf(
  context: RepoContext,
  lines: readonly AddedLine[],
  atMs: number,
): Promise<Commit["traces"]> {
  const shares = new Map<TraceId, Share>();
  for (const { owner, isReformatted } of lines) {
    const { step } = owner;
    if (step === null) continue;
    const share = shares.get(step.trace) ?? { lines: 0, fresh: 0, steps: new Map() };
    share.lines += 1;
    if (!isReformatted) share.fresh += 1;
    share.steps.set(stepNumber(step.agent, step.index), step);
    shares.set(step.trace, share);
  }
  const awayMs = (trace: TraceId): number => distanceMs(context, trace, atMs);
  const ordered = [...shares].toSorted(
    ([a, one], [b, other]) =>
      other.fresh - one.fresh ||
      other.lines - one.lines ||
      awayMs(a) - awayMs(b) ||
      (a < b ? -1 : 1),
  );
  const traces: Commit["traces"][number][] = [];
  for (const [id, { steps }] of ordered) {
    const inOrder = [...steps].toSorted(([, a], [, b]) => compareSteps(a, b));
    const prompts = await promptsOf(
      context,
      inOrder.map(([, step]) => step),
    );
    traces.push({ id, steps: inOrder.map(([number]) => number), prompts });
  }
  return traces;
}

/** How long before a commit a session ended; one that had not begun yet is farther than any. */
function distanceMs(context: RepoContext, trace: TraceId, atMs: number): number {
  const { startedAtMs = null, endedAtMs = null } = context.bucket.view(trace)?.session ?? {};
  if (startedAtMs === null || startedAtMs > atMs + 999) return Infinity;
  return Math.max(0, atMs - (endedAtMs ?? startedAtMs));
}

function compareSteps(a: StepCandidate, b: StepCandidate): number {
  if (a.agent !== b.agent) return (a.agent ?? "") < (b.agent ?? "") ? -1 : 1;
  return a.index - b.index;
}

/** The prompts that led to the steps, each once, in their order. */
async function promptsOf(context: RepoContext, steps: readonly StepCandidate[]): Promise<string[]> {
  const prompts = new Set<string>();
  for (const { trace, agent, index } of steps) {
    const view = context.bucket.view(trace);
    if (view === undefined) continue;
    const found = promptOfStep(await view.readTrace(), agent, index);
    if (found !== null) prompts.add(textHead(found.text));
  }
  return [...prompts];
}
