import * as vscode from "vscode";

import { FolderChoice } from "./folder-choice.ts";

const choice = new FolderChoice();

/**
 * The folder that the person works in: that of the active editor, else of the last one that was,
 * else the first of the workspace.
 */
export function currentFolder(): string | null {
  const { workspaceFolders = [] } = vscode.workspace;
  const active = vscode.window.activeTextEditor?.document.uri;
  const ofEditor =
    active?.scheme === "file" ? vscode.workspace.getWorkspaceFolder(active) : undefined;
  const folders = workspaceFolders.filter(({ uri }) => uri.scheme === "file");
  return choice.choose(
    ofEditor?.uri.fsPath ?? null,
    folders.map(({ uri }) => uri.fsPath),
  );
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
