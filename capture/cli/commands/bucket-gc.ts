import path from "node:path";

import type { CollectAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { parseSince } from "../option-values.ts";
import { oneLine } from "../render/escape.ts";
import { type Paper, shownPath, style } from "../render/paper.ts";

/** `ot bucket gc`: retention of the snapshots of one repository. */
export async function bucketGc(call: Call): Promise<Answer> {
  const { args, io, op } = call;
  const olderThan = args.value("older-than");
  const dryRun = args.has("dry-run");
  const engine = await call.engine();
  const answer = await engine.collect(op, {
    repo: path.resolve(io.cwd, args.value("repo") ?? "."),
    dryRun,
    ...(olderThan === undefined
      ? {}
      : { beforeMs: parseSince(olderThan, io.nowMs(), "older-than") }),
  });
  return { json: answer, lines: (paper) => gcLines(paper, answer, dryRun) };
}

function* gcLines(paper: Paper, answer: CollectAnswer, dryRun: boolean): Generator<string> {
  const { before, after } = answer.counts;
  yield `Snapshots of ${oneLine(shownPath(paper, answer.root))}`;
  const verb = dryRun ? "would go" : "gone";
  for (const session of answer.expired) yield `  ${verb}  ${oneLine(session)}`;
  if (answer.expired.length === 0) yield style.dim("  none is old enough to go");
  if (!dryRun) yield `${kilobytes(before.sizeBytes)} before, ${kilobytes(after.sizeBytes)} now.`;
}

function kilobytes(sizeBytes: number): string {
  return `${Math.ceil(sizeBytes / 1024)} KiB`;
}
