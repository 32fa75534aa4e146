import { existsSync } from "node:fs";
import path from "node:path";

import { OtError } from "../../base/errors.ts";
import type { CaptureState } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { oneLine } from "../render/escape.ts";
import { type Paper, shownPath, style } from "../render/paper.ts";

export function pauseCapture(call: Call): Promise<Answer> {
  return setState(call, "paused");
}

export function resumeCapture(call: Call): Promise<Answer> {
  return setState(call, "on");
}

export function excludeCapture(call: Call): Promise<Answer> {
  return setState(call, "excluded");
}

async function setState(call: Call, state: "on" | "paused" | "excluded"): Promise<Answer> {
  const { args, io, op } = call;
  const given = args.value("repo") ?? ".";
  const repo = path.resolve(io.cwd, given);
  if (!existsSync(repo)) throw new OtError("not-found", `There is no folder ${given}.`);
  const engine = await call.engine();
  await engine.setCapture(op, { repo, state });
  const now = await engine.captureState(op, { repo });
  const root = now.root ?? repo;
  const json = { root, state: now.consent, hooksInstalled: now.hooksInstalled };
  return { json, lines: (paper) => stateLines(paper, root, now) };
}

function* stateLines(paper: Paper, root: string, now: CaptureState): Generator<string> {
  const where = oneLine(shownPath(paper, root));
  switch (now.consent) {
    case "on":
      yield `Agents in ${where} are recorded.`;
      if (!now.hooksInstalled) yield style.dim("For live recording install the hooks: ot setup");
      return;
    case "paused":
      yield `Recording in ${where} is paused. ot capture resume goes on.`;
      return;
    case "excluded":
      yield `Nothing in ${where} is recorded. Only ot capture resume changes that.`;
      return;
    case "unasked":
      yield `Nobody has allowed ${where} to be recorded yet.`;
  }
}
