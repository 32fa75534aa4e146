import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { readText } from "../bucket/blobs.ts";
import type { WhyAnswer } from "../model/answers.ts";
import { stepNumber } from "../model/ids.ts";
import type { Step, TraceFile } from "../model/trace.ts";
import type { PatchState, StepCandidate } from "../model/trail.ts";
import { commitRef, lineageAnswer, ownerAnswer } from "./answer-owner.ts";
import { askedContent, type FileQuestion } from "./asked-content.ts";
import { ownersOf } from "./blame.ts";
import { copiedFrom } from "./copied-from.ts";
import { type FileContent, findOnDisk } from "./file-content.ts";
import type { OwnedLine } from "./file-owners.ts";
import { type Fate, PathFates } from "./patch-fate.ts";
import { failureBefore, promptOfStep } from "./prompt-of-step.ts";
import type { RepoContext } from "./repo-context.ts";
import { effectsOfStep } from "./step-effects.ts";
import { fileOfAgent } from "./sub-agents.ts";
import type { UnitView } from "./unit-view.ts";

/**
 * Why one line is there: its owner, the words that led to it, the commit that holds it, its fate.
 *
 * Throws `not-found` for a missing file, line or revision, `limit-exceeded` for a file without
 * lines.
 */
export async function why(
  op: Op,
  context: RepoContext,
  question: FileQuestion & { readonly line: number },
): Promise<WhyAnswer> {
  const content = await askedContent(op, context, question);
  const { line } = question;
  const count = content.lines?.length ?? 0;
  const owners = await ownersOf(op, context, content);
  if (line < 1 || line > count) {
    throw new OtError("not-found", `${content.path} has ${count} lines; there is no line ${line}.`);
  }
  const owned = await owners.lineAt(op, line - 1);
  const { step } = owned.owner;
  const copied = await copiedFrom(op, context, content, { index: line - 1, owned });
  const story = step === null ? null : await storyOf(context, step);
  const fate =
    step === null ? null : await fateOfStep(op, context, content, { path: owned.bornAs, step });
  return {
    path: content.path,
    line,
    rev: content.rev,
    owner: ownerAnswer(owned.owner),
    prompt: story?.prompt ?? null,
    request: story?.request ?? null,
    commit: commitRef(owned.commit),
    evidence: owned.evidence,
    lineage: lineageAnswer([...copied, ...owned.lineage]),
    state: fate?.state ?? stateOfLine(owned),
    step: story === null ? null : stepAnswer(story, fate),
    note: noteOf(owned),
  };
}

interface Story {
  readonly view: UnitView;
  readonly step: Step;
  readonly after: string | null;
  readonly prompt: WhyAnswer["prompt"];
  readonly request: WhyAnswer["request"];
}

function storyOf(context: RepoContext, step: StepCandidate): Promise<Story | null> {
  const view = context.bucket.view(step.trace);
  if (view === undefined) return Promise.resolve(null);
  const key = `story\0${view.version}\0${step.trace}\0${step.agent ?? ""}\0${step.index}`;
  return context.once(key, () => readStory(view, step));
}

async function readStory(view: UnitView, { agent, index }: StepCandidate): Promise<Story | null> {
  const trace = await view.readTrace();
  const file = fileOfAgent(trace, agent);
  const step = file?.steps[index];
  if (file === undefined || step === undefined) return null;
  const found = promptOfStep(trace, agent, index);
  const prompt =
    found === null
      ? null
      : {
          step: found.step.index,
          text: await readText(view.place.dir, found.text),
          ...(found.approvedWith === undefined ? {} : { approvedWith: found.approvedWith }),
        };
  const first = requestOf(file, step);
  const request = first === undefined ? null : { step: stepNumber(agent, first.index) };
  return { view, step, after: failureBefore(file, step), prompt, request };
}

/** The first step of the model response that the step was part of. */
function requestOf(file: TraceFile, { request }: Step): Step | undefined {
  return request === null ? undefined : file.steps.find((step) => step.request === request);
}

async function fateOfStep(
  op: Op,
  context: RepoContext,
  content: FileContent,
  { path, step }: { path: string; step: StepCandidate },
): Promise<(Fate & Counted) | null> {
  const isHead = content.rev === "worktree";
  const sha = isHead ? await context.head.commit(op) : content.rev;
  const { serial } = await context.ledger(op, path);
  const stamp = isHead ? await workStamp(context, path) : "";
  const place = `${step.trace}\0${step.agent ?? ""}\0${step.index}\0${path}`;
  return context.once(`fate\0${serial}\0${sha}\0${stamp}\0${place}`, async () => {
    const fates = await PathFates.of(op, context, path, { sha, isHead });
    const effects = effectsOfStep(await context.ledger(op, path), step);
    const all = await Promise.all(effects.map((effect) => fates.fateOf(op, effect)));
    const [first] = all;
    if (first === undefined) return null;
    const added = effects.reduce((sum, { added: ids }) => sum + ids.length, 0);
    const deleted = effects.reduce((sum, { removed }) => sum + removed.length, 0);
    return { ...first, ...summed(all), added, deleted };
  });
}

async function workStamp(context: RepoContext, path: string): Promise<string> {
  return (await findOnDisk(context, path))?.key ?? "absent";
}

interface Counted {
  readonly added: number;
  readonly deleted: number;
}

/** Several patches of one step in one file, as one: the worst state of them stands. */
function summed(fates: readonly Fate[]): Pick<Fate, "state" | "survivingLines" | "addedLines"> {
  const order: readonly PatchState[] = [
    "unknown",
    "lost",
    "reverted",
    "transformed",
    "pending",
    "alive",
  ];
  const states = fates.map(({ state }) => state);
  return {
    state: order.find((state) => states.includes(state)) ?? "unknown",
    survivingLines: fates.reduce((sum, fate) => sum + fate.survivingLines, 0),
    addedLines: fates.reduce((sum, fate) => sum + fate.addedLines, 0),
  };
}

function stepAnswer(
  { view, step, after }: Story,
  fate: (Fate & Counted) | null,
): WhyAnswer["step"] {
  return {
    kind: step.kind,
    harness: view.place.harness,
    model: step.model,
    atMs: step.atMs,
    added: fate?.added ?? 0,
    deleted: fate?.deleted ?? 0,
    after,
    survivingLines: fate?.survivingLines ?? 0,
    addedLines: fate?.addedLines ?? 0,
    redactions: step.redactions,
  };
}

/** Of a line that no step wrote, only whether it is committed can be said. */
function stateOfLine({ commit }: OwnedLine): PatchState {
  return commit === null ? "pending" : "alive";
}

function noteOf({ owner, evidence, commit }: OwnedLine): string | null {
  if (owner.kind !== "unknown") return null;
  if (evidence === "before-capture") return "This line is older than the first recorded session.";
  const [one, other] = owner.candidates;
  if (other !== undefined) {
    return "Several steps ran while this line changed; which of them wrote it cannot be told.";
  }
  if (one !== undefined) {
    return "A step ran while this line changed, but it did not report the change as its own.";
  }
  return commit === null
    ? "This line changed outside of every recorded step, and the editor did not see it typed."
    : "This line changed where no snapshot and no editor saw it, so nobody can be credited.";
}
