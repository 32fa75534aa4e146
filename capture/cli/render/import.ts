import { plural } from "../../base/words.ts";
import type { ImportAnswer } from "../../api.ts";
import { oneLine } from "./escape.ts";
import { type Paper, shownPath, style } from "./paper.ts";
import { durationWords, sizeWords } from "./words.ts";

/** More issues than these are counted; `--json` lists them all. */
const shownIssuesMax = 5;

/** What an import or a catch-up took in. */
export function* importLines(paper: Paper, answer: ImportAnswer): Generator<string> {
  const { sessions, totals, issues } = answer;
  if (sessions.length === 0 && issues.length === 0) {
    yield "No session was found. Agents keep theirs in folders such as ~/.claude/projects.";
    return;
  }
  const fresh = sessions.filter(({ isNew }) => isNew).length;
  const grown = sessions.filter(({ isNew, bytes }) => !isNew && bytes > 0).length;
  const same = sessions.length - fresh - grown;
  const parts = [
    fresh > 0 ? plural(fresh, "new session") : "",
    grown > 0 ? `${plural(grown, "session")} with more than before` : "",
    same > 0 ? `${plural(same, "session")} unchanged` : "",
  ].filter((part) => part !== "");
  const count = `: ${plural(totals.steps, "step")} in all.`;
  yield parts.length === 0 ? "Nothing was taken in." : `${parts.join(", ")}${count}`;
  const time = durationWords(totals.durationMs);
  if (totals.bytes > 0) yield style.dim(`Took in ${sizeWords(totals.bytes)} in ${time}.`);
  yield* issueLines(paper, answer);
  if (fresh > 0 && paper.isTerminal) yield style.dim("ot trace list shows them.");
}

function* issueLines(paper: Paper, answer: ImportAnswer): Generator<string> {
  const { issues } = answer;
  if (issues.length === 0) return;
  yield answer.sessions.length === 0
    ? `${plural(issues.length, "reason")}:`
    : `${plural(issues.length, "place")} in these files could not be read as expected:`;
  for (const { file, line, message } of issues.slice(0, shownIssuesMax)) {
    const place = line > 0 ? `:${line}` : "";
    yield `  ${oneLine(shownPath(paper, file))}${place}  ${style.dim(oneLine(message))}`;
  }
  const more = issues.length - shownIssuesMax;
  if (more > 0) yield style.dim(`  and ${plural(more, "more", "more")}; --json lists them all.`);
}
