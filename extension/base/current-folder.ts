import * as vscode from "vscode";

/** The folder that the person works in: the active editor's, else the first of the workspace. */
export function currentFolder(): string | null {
  const active = vscode.window.activeTextEditor?.document.uri;
  const ofEditor =
    active?.scheme === "file" ? vscode.workspace.getWorkspaceFolder(active) : undefined;
  const folder = ofEditor ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.scheme === "file" ? folder.uri.fsPath : null;
}

/** Tells when {@link currentFolder} has become another: folders came or went, or the editor did. */
export function onDidChangeFolder(listener: () => void): vscode.Disposable {
  let known = currentFolder();
  const look = () => {
    const now = currentFolder();
    if (now === known) return;
    known = now;
    listener();
  };
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeWorkspaceFolders(look),
    vscode.window.onDidChangeActiveTextEditor(look),
  );
}
