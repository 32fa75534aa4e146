import { plural } from "../../base/words.ts";
import type { CommitBlameAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { oneLine } from "../render/escape.ts";
import { indented, type Paper, style } from "../render/paper.ts";
import { fit } from "../render/width.ts";
import { shortAddress } from "../render/words.ts";

/** `ot trail blame commit <sha>`. */
export async function trailBlameCommit(call: Call): Promise<Answer> {
  const [rev = ""] = call.args.operands;
  return blame(call, rev, "There is no commit in this range.");
}

/** `ot trail blame pr`: each commit from where the branch left its base. */
export async function trailBlamePr(call: Call): Promise<Answer> {
  const none = "This branch has no commit that its base does not have.";
  return blame(call, `${call.args.value("base") ?? ""}..HEAD`, none);
}

async function blame(call: Call, rev: string, none: string): Promise<Answer> {
  const engine = await call.engine();
  const answer = await engine.blameCommit(call.op, { repo: call.io.cwd, rev });
  return { json: answer, lines: (paper) => commitLines(paper, answer, none) };
}

const promptColumnsMax = 200;

function* commitLines(
  paper: Paper,
  { commits }: CommitBlameAnswer,
  none: string,
): Generator<string> {
  if (commits.length === 0) yield none;
  for (const [at, { sha, subject, coverage, traces }] of commits.entries()) {
    if (at > 0) yield "";
    yield `${style.yellow(sha.slice(0, 8))} ${style.bold(oneLine(subject))}`;
    yield `  ${coverageWords(coverage)}`;
    for (const trace of traces) {
      const steps = trace.steps.map((step) => shortAddress(trace.id, step));
      for (const prompt of trace.prompts) {
        yield* indented(paper, fit(prompt, promptColumnsMax), "  │ ");
      }
      const shown = steps.slice(0, 8).join(" ");
      const more = steps.length > 8 ? ` and ${steps.length - 8} more` : "";
      yield style.dim(`  ${plural(steps.length, "step")}: ${shown}${more}`);
    }
  }
}

type Coverage = CommitBlameAnswer["commits"][number]["coverage"];

function coverageWords({ added, byStep, byHuman, unknown }: Coverage): string {
  if (added === 0) return "It added no line.";
  const parts = [
    byStep > 0 ? `${byStep} by agents` : "",
    byHuman > 0 ? `${byHuman} by people` : "",
    unknown > 0 ? `${unknown} without evidence` : "",
  ].filter((part) => part !== "");
  return `${plural(added, "line")} added: ${parts.join(", ")}`;
}
