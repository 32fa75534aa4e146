import type { LineFlag, LineOwner, Owner, StepCandidate } from "../model/trail.ts";
import { unknownOwner } from "../trail/cause.ts";
import type { FileContent } from "./file-content.ts";
import type { OwnedLine } from "./file-owners.ts";
import type { Arrival } from "./line-arrivals.ts";

/** Asks for the line of an earlier content; null for one that is not owned by lines. */
export type AskEarlier = (content: FileContent, line: number) => Promise<OwnedLine | null>;

/**
 * A line that a change took from elsewhere or only reformatted is the one of before: its owner
 * stays, and who moved it stands in its lineage. Lines of several owners that were joined are
 * nobody's.
 *
 * `judged` is the line as the change alone tells of it.
 */
export async function arrivedLine(
  judged: OwnedLine,
  arrival: Arrival,
  ask: AskEarlier,
): Promise<OwnedLine | null> {
  const earlier: OwnedLine[] = [];
  for (const line of arrival.lines) {
    const found = await ask(arrival.content, line);
    if (found === null) return null;
    earlier.push(found);
  }
  const [first] = earlier;
  if (first === undefined) return null;
  const isOne = earlier.every(({ owner }) => nameOf(owner) === nameOf(first.owner));
  const owner = isOne ? first.owner : undecided(earlier);
  const flags = new Set<LineFlag>(earlier.flatMap((line) => line.flags));
  if (arrival.isMoved) flags.add("moved");
  if (arrival.isReformatted) flags.add("reformatted");
  return {
    ...first,
    text: judged.text,
    commit: judged.commit,
    owner,
    evidence: isOne ? carried(first) : "none",
    lineage: arrival.isMoved ? [...moverOf(judged), ...first.lineage] : first.lineage,
    flags: [...flags],
  };
}

function carried({ owner, evidence }: OwnedLine): LineOwner["evidence"] {
  return owner.kind === "step" ? "carried" : evidence;
}

function moverOf({ owner, commit }: OwnedLine): LineOwner["lineage"] {
  if (owner.kind === "unknown") return [];
  return [{ owner, commit: commit?.sha ?? null, how: "moved" }];
}

function undecided(lines: readonly OwnedLine[]): Owner {
  const steps = new Map<string, StepCandidate>();
  for (const { owner } of lines) {
    for (const step of owner.step === null ? owner.candidates : [owner.step]) {
      steps.set(JSON.stringify(step), step);
    }
  }
  return { ...unknownOwner, candidates: [...steps.values()] };
}

function nameOf(owner: Owner): string {
  return JSON.stringify(owner);
}
