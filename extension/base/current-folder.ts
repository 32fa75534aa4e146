import * as vscode from "vscode";

/** The folder that the person works in: the active editor's, else the first of the workspace. */
export function currentFolder(): string | null {
  const active = vscode.window.activeTextEditor?.document.uri;
  const ofEditor =
    active?.scheme === "file" ? vscode.workspace.getWorkspaceFolder(active) : undefined;
  const folder = ofEditor ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.scheme === "file" ? folder.uri.fsPath : null;
}
