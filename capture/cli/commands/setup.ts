import path from "node:path";

import { OtError } from "../../base/errors.ts";
import type { Engine, SetupAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { type Paper, shownPath, style } from "../render/paper.ts";
import { oneLine } from "../render/escape.ts";

/**
 * `ot setup`: shows the plan and asks where a person can be asked; without a terminal it does what
 * it was told, and records a repository only with `--yes`.
 */
export async function setup(call: Call): Promise<Answer> {
  const { args, op, io } = call;
  const engine = await call.engine();
  const [target] = args.operands;
  const remove = args.has("remove");
  const isStore = target === "git";
  const request = {
    remove,
    ...(target === undefined ? {} : { target }),
    ...(isStore ? { repo: io.cwd } : {}),
  };
  const isPlan = args.has("dry-run");
  const plan = await engine.setup(op, { ...request, dryRun: true });
  if (!isPlan) await confirm(call, plan);
  const repo = remove || isStore ? null : await repositoryToRecord(call, engine);
  const answer = await engine.setup(op, {
    ...request,
    dryRun: isPlan,
    ...(repo === null ? {} : { repo: path.resolve(io.cwd, repo) }),
  });
  return { json: answer, lines: (paper) => setupLines(paper, answer, isPlan) };
}

async function confirm(call: Call, plan: SetupAnswer): Promise<void> {
  const { ask } = call.io;
  if (ask === null || call.isYes || call.isJson) return;
  const changing = plan.changes.filter(({ action }) => action !== "keep");
  if (changing.length === 0) return;
  for (const change of changing) await call.tell(`  ${changeLine(change, false)}`);
  if (isConsent(await ask("Go on? [Y/n] "))) return;
  throw new OtError("cancelled", "Nothing was changed.");
}

/** The root of the repository that a person wants recorded; null where nobody said so. */
async function repositoryToRecord(call: Call, engine: Engine): Promise<string | null> {
  const { op, io } = call;
  const state = await engine.captureState(op, { repo: io.cwd });
  if (state.repository === "none" || state.root === null) return null;
  if (state.consent === "on") return state.root;
  if (state.consent !== "unasked") return null;
  if (call.isYes) return state.root;
  if (io.ask === null || call.isJson || call.args.has("dry-run")) return null;
  const question = `Record what agents do in ${state.root}? It stays on this machine. [Y/n] `;
  return isConsent(await io.ask(question)) ? state.root : null;
}

function isConsent(answer: string): boolean {
  return /^(?:y|yes|)$/iu.test(answer.trim());
}

function* setupLines(paper: Paper, answer: SetupAnswer, isPlan: boolean): Generator<string> {
  for (const change of answer.changes) {
    yield changeLine({ ...change, path: shownPath(paper, change.path) }, !isPlan);
  }
  for (const note of answer.notes) yield style.dim(oneLine(note));
  if (isPlan && answer.changes.some(({ action }) => action !== "keep")) {
    yield style.dim("Nothing was changed: this is the plan.");
  }
}

const done = {
  create: "created",
  modify: "changed",
  remove: "removed",
  keep: "unchanged",
} as const;
const planned = { create: "create", modify: "change", remove: "remove", keep: "leave" } as const;

function changeLine(change: SetupAnswer["changes"][number], isDone: boolean): string {
  const verb = (isDone ? done : planned)[change.action].padEnd(9);
  return `${verb} ${oneLine(change.path)}  ${style.dim(oneLine(change.what))}`;
}
