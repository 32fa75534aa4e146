import { plural } from "../../capture/base/words.ts";
import * as vscode from "vscode";

import { OtError, type SetupAnswer } from "../../capture/api.ts";
import { currentFolder } from "../base/current-folder.ts";
import { inertText } from "../base/plain-text.ts";
import { runWithProgress } from "../base/run.ts";
import type { CommandDeps } from "./commands.ts";

/** Takes in every past session that the agents still have on this machine. */
export async function importSessions(deps: CommandDeps): Promise<void> {
  const { totals } = await runWithProgress("Importing sessions", deps.log, async (op) =>
    (await deps.engine.get()).importSessions(op, { paths: [] }),
  );
  deps.engine.stateChanged();
  const words =
    totals.sessions === 0
      ? "No session of a coding agent was found on this machine."
      : `Imported ${plural(totals.sessions, "session")} with ${plural(totals.steps, "step")}.`;
  void vscode.window.showInformationMessage(words);
}

/** Shows the plan, asks once, then installs the hooks and turns capture on for this repository. */
export async function setUpCapture(deps: CommandDeps): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new OtError("not-ready", "This folder is not trusted, so no hook is installed from it.", {
      hint: "Trust it first: Workspaces: Manage Workspace Trust.",
    });
  }
  const repo = folderOrThrow();
  const request = { remove: false, repo } as const;
  const plan = await runWithProgress("Planning the set-up", deps.log, async (op) =>
    (await deps.engine.get()).setup(op, { ...request, dryRun: true }),
  );
  const agreed = await vscode.window.showInformationMessage(
    "Record agent sessions in this repository?",
    { modal: true, detail: planWords(plan) },
    "Record",
  );
  if (agreed !== "Record") return;
  await runWithProgress("Setting up capture", deps.log, async (op) => {
    const engine = await deps.engine.get();
    await engine.setup(op, { ...request, dryRun: false });
    await engine.setCapture(op, { repo, state: "on", trusted: true });
    await engine.captureOnce(op);
  });
  deps.engine.stateChanged();
}

export async function removeCapture(deps: CommandDeps): Promise<void> {
  const plan = await runWithProgress("Planning the removal", deps.log, async (op) =>
    (await deps.engine.get()).setup(op, { remove: true, dryRun: true }),
  );
  const agreed = await vscode.window.showWarningMessage(
    "Remove the hooks of opentraces?",
    { modal: true, detail: planWords(plan) },
    "Remove",
  );
  if (agreed !== "Remove") return;
  await runWithProgress("Removing capture", deps.log, async (op) =>
    (await deps.engine.get()).setup(op, { remove: true, dryRun: false }),
  );
  deps.engine.stateChanged();
}

export async function setCapture(
  deps: CommandDeps,
  state: "on" | "paused" | "excluded",
): Promise<void> {
  const repo = folderOrThrow();
  await runWithProgress("Changing capture", deps.log, async (op) =>
    (await deps.engine.get()).setCapture(op, { repo, state, trusted: vscode.workspace.isTrusted }),
  );
  deps.engine.stateChanged();
}

function folderOrThrow(): string {
  const folder = currentFolder();
  if (folder !== null) return folder;
  throw new OtError("no-repository", "No folder is open.", { hint: "Open the folder first." });
}

function planWords(plan: SetupAnswer): string {
  const changes = plan.changes
    .filter(({ action }) => action !== "keep")
    .map(({ action, path, what }) => inertText(`${action} ${path}: ${what}`));
  const said = [...changes, ...plan.notes];
  const lines = said.length === 0 ? ["Nothing needs to change."] : said;
  return [...lines, "", "What is recorded stays on this machine."].join("\n");
}
