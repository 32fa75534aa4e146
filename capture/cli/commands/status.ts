import type { StatusAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { oneLine } from "../render/escape.ts";
import { indented, type Paper, style } from "../render/paper.ts";

/** `ot status`: one screen. */
export function status(call: Call): Promise<Answer> {
  return check(call, { deep: false });
}

/** `ot doctor`: the same, with what takes longer to look at. */
export function doctor(call: Call): Promise<Answer> {
  return check(call, { deep: true });
}

async function check(call: Call, { deep }: { deep: boolean }): Promise<Answer> {
  const engine = await call.engine();
  const answer = await engine.status(call.op, { repo: call.io.cwd, deep });
  return { json: answer, lines: (paper) => statusLines(paper, answer) };
}

function* statusLines(paper: Paper, { checks }: StatusAnswer): Generator<string> {
  for (const { ok, message, fix } of checks) {
    const sign = ok ? style.green("✓") : style.red("✗");
    const [first = "", ...rest] = indented(paper, oneLine(message), "  ");
    yield `${sign} ${first.slice(2)}`;
    yield* rest;
    if (fix !== null && fix !== "") yield `    → ${style.bold(oneLine(fix))}`;
  }
  const wrong = checks.filter(({ ok }) => !ok).length;
  yield "";
  yield wrong === 0 ? "All is well." : `${wrong} of ${checks.length} need attention.`;
}
