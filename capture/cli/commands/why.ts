import path from "node:path";

import type { Answer, Call } from "../command.ts";
import { parseFileLine } from "../option-values.ts";
import { whyLines } from "../render/why.ts";
import { checkLine, readWorkFile } from "../work-file.ts";

/** `ot why <file>:<line>`: the answer behind the editor's hover. */
export async function why(call: Call): Promise<Answer> {
  const { args, io, op } = call;
  const { file, line } = parseFileLine(args.operands[0] ?? "");
  const rev = args.value("rev");
  const source = await readSource(io.cwd, { file, line, rev });
  const engine = await call.engine();
  const answer = await engine.why(op, {
    file: source.path,
    line,
    ...(rev === undefined ? {} : { rev }),
  });
  return { json: answer, lines: (paper) => whyLines(paper, answer, source.text) };
}

/** The line as it is on disk; a commit's file is the engine's to look at. */
async function readSource(
  cwd: string,
  { file, line, rev }: { file: string; line: number; rev: string | undefined },
): Promise<{ path: string; text: string | null }> {
  if (rev !== undefined && rev !== "worktree") return { path: path.resolve(cwd, file), text: null };
  const work = await readWorkFile(cwd, file);
  checkLine(file, work.lines, line);
  return { path: work.path, text: work.lines[line - 1] ?? null };
}
