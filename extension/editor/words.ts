// Sentences about owners, shared by the hover and the line annotation. No VS Code here.

import { agentName } from "../../capture/model/agent-name.ts";
import type { OwnerAnswer, WhyAnswer } from "../../capture/api.ts";
import { oneLine, visibleText } from "../base/plain-text.ts";

/** `2 hours ago`; whole units, never a promise of more precision than is useful. */
export function ago(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return unitsAgo(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return unitsAgo(hours, "hour");
  const days = Math.floor(hours / 24);
  if (days < 60) return unitsAgo(days, "day");
  return days < 730
    ? unitsAgo(Math.floor(days / 30), "month")
    : unitsAgo(Math.floor(days / 365), "year");
}

function unitsAgo(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** `2 h ago`, for places where a row must stay short. */
function agoShort(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days < 60) return `${days} d ago`;
  return days < 730 ? `${Math.floor(days / 30)} mo ago` : `${Math.floor(days / 365)} y ago`;
}

export const stateWords: Readonly<Record<WhyAnswer["state"], string>> = {
  alive: "● alive",
  transformed: "◐ partly changed since",
  reverted: "↩ reverted",
  lost: "× lost",
  pending: "○ not committed yet",
  unknown: "fate unknown",
};

/** One sentence for a line that no step is known to have written. */
export function unknownWords(answer: WhyAnswer): string {
  if (answer.note !== null) return answer.note;
  if (answer.evidence === "before-capture") return "Capture began after this line was written.";
  return "No evidence for this line.";
}

/** Who came before, in a few words each, newest first. */
export function ancestorWords(owner: OwnerAnswer): string {
  switch (owner.kind) {
    case "step":
      return `step ${owner.step ?? "?"}`;
    case "human":
      return "a person";
    case "formatter":
      return "a formatter";
    case "unknown":
      return "unknown";
  }
}

const annotationCharsMax = 60;
/** Far more than 60 characters are made of; a long prompt is not looked at whole. */
const wordsCharsMax = 2_000;

/** The dimmed words behind the current line, at most 60 characters; null where nothing is known. */
export function annotationWords(answer: WhyAnswer, nowMs: number): string | null {
  const words = whoAndWhy(answer, nowMs);
  if (words === null) return null;
  const flat = oneLine(visibleText(words.slice(0, wordsCharsMax)));
  const characters = [...new Intl.Segmenter().segment(flat)].map(({ segment }) => segment);
  if (characters.length <= annotationCharsMax) return characters.join("");
  return `${characters
    .slice(0, annotationCharsMax - 1)
    .join("")
    .trimEnd()}…`;
}

const uncommittedWords: ReadonlyMap<string, string> = new Map([
  ["human", "You, not committed yet"],
  ["formatter", "A formatter, not committed yet"],
]);

function whoAndWhy(answer: WhyAnswer, nowMs: number): string | null {
  const { step, prompt, commit } = answer;
  if (answer.owner.kind === "step" && step !== null) {
    const when = step.atMs === null ? "" : `, ${agoShort(step.atMs, nowMs)}`;
    const why = prompt === null ? "" : ` · “${prompt.text}”`;
    return `${agentName(step.harness)}${when}${why}`;
  }
  if (commit === null) return uncommittedWords.get(answer.owner.kind) ?? null;
  const author = commit.author ?? "Somebody";
  return `${author}, ${agoShort(commit.atMs, nowMs)} · ${commit.subject}`;
}
