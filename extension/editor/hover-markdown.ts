import { agentName } from "../../capture/model/agent-name.ts";
import { plural } from "../../capture/base/words.ts";
import type { OwnerAnswer, WhyAnswer } from "../../capture/api.ts";
import { markdownOf, oneLine } from "../base/plain-text.ts";
import { ago, ancestorWords, stateWords, unknownWords } from "./words.ts";

/** Commands that a hover's links may run; no other link in it acts. */
export const hoverCommands = ["opentraces.openStep", "opentraces.openStepDiff"] as const;

const shaChars = 8;
const ancestorsShownMax = 3;
/** A hover scrolls, but past this a prompt is read better in the timeline. */
const promptCharsMax = 20_000;

/** The whole hover as Markdown; null for a line of which there is nothing to say. */
export function hoverMarkdown(answer: WhyAnswer, nowMs: number): string | null {
  return answer.owner.kind === "step" ? stepMarkdown(answer, nowMs) : otherMarkdown(answer, nowMs);
}

function stepMarkdown(answer: WhyAnswer, nowMs: number): string {
  const { prompt } = answer;
  const paragraphs = [whoAndWhen(answer, nowMs)];
  paragraphs.push(
    prompt === null ? "No prompt is known for this step." : quote(cut(prompt.text, promptCharsMax)),
  );
  if (prompt?.approvedWith !== undefined) {
    paragraphs.push(`approved with: ${markdownOf(oneLine(prompt.approvedWith))}`);
  }
  const facts = [whatItDid(answer), redactionsOf(answer), lineageOf(answer)];
  paragraphs.push(facts.filter((fact) => fact !== "").join("  \n"));
  return withLinks(paragraphs, linksOf(answer.owner, answer.path));
}

function withLinks(paragraphs: readonly string[], links: string): string {
  return (links === "" ? paragraphs : [...paragraphs, "---", links]).join("\n\n");
}

function whoAndWhen({ step, owner }: WhyAnswer, nowMs: number): string {
  const agent = step === null ? "An agent" : agentName(step.harness);
  const when = step === null || step.atMs === null ? "" : ` ${ago(step.atMs, nowMs)}`;
  const model = step === null || step.model === null ? "" : ` · ${markdownOf(step.model)}`;
  const number = markdownOf(String(owner.step));
  return `**${markdownOf(agent)}** wrote this line${when}, step ${number}${model}`;
}

function quote(text: string): string {
  return text
    .split(/\r?\n/u)
    .map((line) => `> ${markdownOf(line)}`)
    .join("  \n");
}

function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return `${text.slice(0, charsMax)}\n… ${text.length - charsMax} more characters in the timeline`;
}

function whatItDid({ step, commit, path, state }: WhyAnswer): string {
  const parts = [markdownOf(path)];
  if (step !== null) {
    parts[0] += ` +${step.added} −${step.deleted}`;
    if (step.after !== null) parts[0] += ` after ${markdownOf(oneLine(step.after))}`;
  }
  if (commit === null) {
    parts.push("not committed yet");
  } else {
    const subject = markdownOf(oneLine(commit.subject));
    parts.push(`committed in \`${sha(commit.sha)}\` ${subject}`);
  }
  if (state !== "pending" || commit !== null) {
    const kept =
      step !== null && step.addedLines > 0
        ? ` ${step.survivingLines} of ${plural(step.addedLines, "line")}`
        : "";
    parts.push(`${stateWords[state]}${kept}`);
  }
  return parts.join(" · ");
}

function redactionsOf({ step }: WhyAnswer): string {
  if (step === null || step.redactions === 0) return "";
  const were = step.redactions === 1 ? "was" : "were";
  return `${plural(step.redactions, "secret")} ${were} replaced when this was recorded`;
}

function lineageOf({ lineage }: WhyAnswer): string {
  if (lineage.length === 0) return "";
  const shown = lineage.slice(0, ancestorsShownMax).map(({ owner, commit, how }) => {
    const place = commit === null ? "" : `, \`${sha(commit)}\``;
    return `${markdownOf(ancestorWords(owner))} (${how}${place})`;
  });
  const more = lineage.length - shown.length;
  return `Before it: ${shown.join(" · ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function linksOf({ trace, step }: OwnerAnswer, path: string): string {
  if (trace === null || step === null) return "";
  const place = linkArgument({ trace, step, path });
  const [openStep, openStepDiff] = hoverCommands;
  const links = [
    `[Open step](command:${openStep}?${place})`,
    `[Diff](command:${openStepDiff}?${place})`,
  ];
  return links.join(" &nbsp; ");
}

/** Arguments of a command link. A path may hold brackets, which would end the link early. */
function linkArgument(argument: object): string {
  return encodeURIComponent(JSON.stringify([argument])).replaceAll(
    /[!'()*~_]/gu,
    (char) => `%${(char.codePointAt(0) ?? 0).toString(16)}`,
  );
}

/** A line of no step; where it came of a step's line, that one is named and can be opened. */
function otherMarkdown(answer: WhyAnswer, nowMs: number): string | null {
  const { commit, owner, note, lineage } = answer;
  const isNothing = commit === null && note === null && owner.candidates.length === 0;
  if (isNothing && owner.kind === "unknown") return null;

  const lines: string[] = [];
  if (owner.kind === "formatter") lines.push("A formatter wrote this line.");
  if (commit !== null) {
    const author = `**${markdownOf(commit.author ?? "Somebody")}**, ${ago(commit.atMs, nowMs)}`;
    lines.push(`${author} · \`${sha(commit.sha)}\` ${markdownOf(oneLine(commit.subject))}`);
  } else if (owner.kind === "human") {
    lines.push("You wrote this line.");
  }
  if (commit === null && owner.kind !== "unknown") lines[0] += " Not committed yet.";
  if (owner.kind === "unknown") lines.push(markdownOf(unknownWords(answer)));
  if (owner.candidates.length > 0) {
    const steps = owner.candidates.map(({ step }) => `step ${markdownOf(String(step))}`);
    lines.push(`Could be ${steps.join(" or ")}.`);
  }
  if (lineage.length > 0) lines.push(lineageOf(answer));
  const before = lineage[0]?.owner;
  return withLinks([lines.join("  \n")], before === undefined ? "" : linksOf(before, answer.path));
}

function sha(id: string): string {
  return id.slice(0, shaChars).replaceAll(/[^0-9a-f]/gu, "");
}
