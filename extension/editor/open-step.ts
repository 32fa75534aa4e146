import * as path from "node:path";

import * as vscode from "vscode";

import { type Engine, type Op, OtError } from "../../capture/api.ts";
import { addressOf, stepDocumentUri } from "./step-documents.ts";

export interface StepPlace {
  readonly trace: string;
  readonly step: number | string;
  /** Null for every file that the step changed. */
  readonly path: string | null;
}

/** Opens VS Code's own diff of what a step did: of one file, or of all that it changed. */
export async function openStepDiff(op: Op, engine: Engine, place: StepPlace): Promise<void> {
  const { patches } = await engine.track(op, { address: addressOf(place.trace, place.step) });
  const changed = [...new Set(patches.map((patch) => patch.path))];
  const paths = place.path !== null && changed.includes(place.path) ? [place.path] : changed;
  const [only] = paths;
  if (only === undefined) {
    throw new OtError("not-found", `Step ${place.step} changed no file that was recorded.`);
  }
  if (paths.length === 1) {
    const title = `${path.posix.basename(only)} (step ${place.step})`;
    await vscode.commands.executeCommand("vscode.diff", ...sides(place, only), title);
    return;
  }
  await vscode.commands.executeCommand(
    "vscode.changes",
    `Step ${place.step}`,
    paths.map((name) => {
      const [before, after] = sides(place, name);
      return [after, before, after];
    }),
  );
}

function sides({ trace, step }: StepPlace, name: string): [vscode.Uri, vscode.Uri] {
  return [
    stepDocumentUri(trace, step, name, "before"),
    stepDocumentUri(trace, step, name, "after"),
  ];
}

/** Opens a file of the work tree; paths come from transcripts, so they must lie inside it. */
export async function openChangedFile(
  root: string | null,
  name: string,
  line: number | null,
): Promise<void> {
  if (root === null || !isInside(root, path.resolve(root, name))) {
    throw new OtError("not-found", `${name} is not in this workspace.`);
  }
  const uri = vscode.Uri.file(path.resolve(root, name));
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    throw new OtError("not-found", `${name} is not there any more.`);
  }
  const at = line === null ? undefined : new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(uri, at === undefined ? {} : { selection: at });
}

function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
