import path from "node:path";

import type { Answer, Call } from "../command.ts";
import { importLines } from "../render/import.ts";

/** `ot import`: takes in the sessions of some paths, or of every known place. */
export async function importSessions(call: Call): Promise<Answer> {
  const { args, io, op } = call;
  const harness = args.value("harness");
  const paths = args.operands.map((given) => path.resolve(io.cwd, given));
  const engine = await call.engine();
  const answer = await engine.importSessions(op, {
    paths,
    ...(harness === undefined ? {} : { harness }),
  });
  return { json: answer, lines: (paper) => importLines(paper, answer) };
}
