import * as vscode from "vscode";

import { currentFolder } from "../base/current-folder.ts";
import { inertText } from "../base/plain-text.ts";
import { runWithProgress } from "../base/run.ts";
import type { CommandDeps } from "./commands.ts";

/** Lists every check with its outcome; choosing a failed one copies the command that mends it. */
export async function doctor(deps: CommandDeps): Promise<void> {
  const repo = currentFolder();
  const { checks } = await runWithProgress("Checking", deps.log, async (op) =>
    (await deps.engine.get()).status(op, { deep: true, ...(repo === null ? {} : { repo }) }),
  );
  const picked = await vscode.window.showQuickPick(
    checks.map((check) => ({
      label: `${check.ok ? "$(pass)" : "$(warning)"} ${inertText(check.message)}`,
      detail: check.fix === null ? "" : `Mend it with: ${inertText(check.fix)}`,
      fix: check.fix,
    })),
    { title: "opentraces doctor", placeHolder: "Choose a check to copy its command" },
  );
  const fix = picked?.fix ?? null;
  if (fix === null) return;
  await vscode.env.clipboard.writeText(fix);
  void vscode.window.setStatusBarMessage("Command copied", 3_000);
}
