import path from "node:path";

import { OtError } from "../../base/errors.ts";
import type { BlameAnswer, Engine, Op, WhyAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { parseLines } from "../option-values.ts";
import { blameLines, ownerKey } from "../render/blame.ts";
import { committedLines } from "../committed-lines.ts";
import { readWorkFile } from "../work-file.ts";

/** Owners of one file that are asked for their words; of others the address stands alone. */
const askedOwnersMax = 200;

/** `ot trail blame <file>`: the owner of each line. */
export async function trailBlame(call: Call): Promise<Answer> {
  const { args, io, op } = call;
  const [file = ""] = args.operands;
  const rev = args.value("rev");
  const given = args.value("lines");
  const range = given === undefined ? undefined : parseLines(given);
  const isOnDisk = rev === undefined || rev === "worktree";
  const source = isOnDisk ? await readWorkFile(io.cwd, file) : null;
  if (source !== null && range !== undefined && range[0] > source.lines.length) {
    throw new OtError("not-found", `${file} ends before line ${range[0]}.`);
  }
  const asked = {
    file: source?.path ?? path.resolve(io.cwd, file),
    ...(rev === undefined ? {} : { rev }),
  };
  const engine = await call.engine();
  const answer = await engine.blame(op, {
    ...asked,
    ...(range === undefined ? {} : { lines: range }),
  });
  const isForEyes = !args.has("json") && !args.has("jsonl");
  const words = isForEyes ? await wordsOf(engine, op, asked, answer) : new Map();
  const lines = source?.lines ?? (isForEyes ? await committedLines(op, asked.file, answer) : null);
  return {
    json: answer,
    lines: (paper) => blameLines(paper, answer, { source: lines, words }),
    records: () => answer.lines,
  };
}

/** One answer of `why` for each owner: it knows the prompt, the commit and the author. */
async function wordsOf(
  engine: Engine,
  op: Op,
  asked: { readonly file: string; readonly rev?: string },
  answer: BlameAnswer,
): Promise<Map<string, WhyAnswer>> {
  const words = new Map<string, WhyAnswer>();
  for (const line of answer.lines) {
    const key = ownerKey(line);
    if (words.has(key) || words.size >= askedOwnersMax) continue;
    words.set(key, await engine.why(op, { ...asked, line: line.line }));
  }
  return words;
}
