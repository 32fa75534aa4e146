import type { Answer, Call } from "../command.ts";
import { visibleLines } from "../render/escape.ts";
import { style } from "../render/paper.ts";

/** `ot trail diff`: what steps changed, as a patch for `git apply` or for eyes. */
export async function trailDiff(call: Call): Promise<Answer> {
  const [address = ""] = call.args.operands;
  const engine = await call.engine();
  const answer = await engine.stepDiff(call.op, { address });
  return {
    json: answer,
    raw: answer.patch,
    *lines() {
      if (answer.patch === "") yield style.dim("These steps changed no file.");
      else yield* visibleLines(answer.patch).map(coloured);
    },
  };
}

function coloured(line: string): string {
  if (
    /^(?:diff |index |--- |\+\+\+ |new file|deleted file|similarity|rename |old mode|new mode)/u.test(
      line,
    )
  ) {
    return style.bold(line);
  }
  if (line.startsWith("@@")) return style.cyan(line);
  if (line.startsWith("+")) return style.green(line);
  return line.startsWith("-") ? style.red(line) : line;
}
