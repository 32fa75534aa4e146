import * as path from "node:path";

import type * as vscode from "vscode";

import type { Deps } from "../base/deps.ts";
import { onDidChangeSettings, readSettings } from "../base/settings.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { writeLaunchers } from "./launchers.ts";

/** Login shells rebuild PATH in their profile; shell integration puts it right again. */
const both = { applyAtProcessCreation: true, applyAtShellIntegration: true } as const;

/**
 * Puts `ot` and `opentraces` on the PATH of integrated terminals, run by VS Code's own Node.
 *
 * Nothing is installed outside the extension's storage, and turning the setting off removes it.
 */
export function registerTerminalPath({ context, log }: Deps): vscode.Disposable {
  const store = new DisposableStore();
  const apply = () => {
    const variables = context.environmentVariableCollection;
    const { terminalPath, home } = readSettings();
    variables.clear();
    if (!terminalPath) return;
    const folder = path.join(context.globalStorageUri.fsPath, "bin");
    try {
      writeLaunchers(folder, path.join(context.extensionPath, "dist", "ot.cjs"));
    } catch (error) {
      log.log("warn", "terminal-path.failed", { message: String(error) });
      return;
    }
    variables.persistent = true;
    variables.description = "Adds the opentraces command line, `ot`.";
    variables.prepend("PATH", folder + path.delimiter, both);
    if (home !== "") variables.replace("OPENTRACES_HOME", home, both);
  };
  apply();
  store.add(onDidChangeSettings(apply));
  return store;
}
