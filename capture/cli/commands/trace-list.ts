import { statSync } from "node:fs";
import path from "node:path";

import { OtError } from "../../base/errors.ts";
import type { Answer, Call } from "../command.ts";
import { parseLimit, parseSince } from "../option-values.ts";
import { traceListLines } from "../render/trace-list.ts";

/** As many as a person looks at; a program gets all. */
const shownMax = 30;
const allMax = 1_000_000;

/** `ot trace list`: sessions, newest first. */
export async function traceList(call: Call): Promise<Answer> {
  const { args, io, op } = call;
  const since = args.value("since");
  const limit = args.value("limit");
  const repo = args.value("repo");
  const isForEyes = io.stdout.isTerminal && !call.isJson;
  const request = {
    limit: limit === undefined ? (isForEyes ? shownMax : allMax) : parseLimit(limit),
    ...(since === undefined ? {} : { sinceMs: parseSince(since, io.nowMs()) }),
    ...(repo === undefined ? {} : { repo: folderOf(io.cwd, repo) }),
  };
  const engine = await call.engine();
  const answer = await engine.listTraces(op, request);
  return {
    json: answer,
    lines: (paper) => traceListLines(paper, answer, { isOneRepository: repo !== undefined }),
    records: () => answer.traces,
  };
}

function folderOf(cwd: string, given: string): string {
  const folder = path.resolve(cwd, given);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) throw new OtError("not-found", `There is no folder ${given}.`);
  if (!found.isDirectory()) throw new OtError("usage", `${given} is not a folder.`);
  return folder;
}
