import * as vscode from "vscode";

export interface Settings {
  /** Folder that takes the place of `~/.opentraces`; empty for the default. */
  readonly home: string;
  readonly hover: boolean;
  readonly lineAnnotation: boolean;
  readonly gutter: boolean;
  readonly statusBar: boolean;
  readonly terminalPath: boolean;
}

/** Reads the settings as they are now; a value of a wrong type counts as its default. */
export function readSettings(): Settings {
  const settings = vscode.workspace.getConfiguration("opentraces");
  const flag = (key: string) => settings.get<unknown>(key) !== false;
  const home = settings.get<unknown>("engine.home");
  return {
    home: typeof home === "string" ? home : "",
    hover: flag("hover.enabled"),
    lineAnnotation: flag("lineAnnotation.enabled"),
    gutter: flag("gutter.enabled"),
    statusBar: flag("statusBar.enabled"),
    terminalPath: flag("terminal.addToPath"),
  };
}

export function onDidChangeSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("opentraces")) listener();
  });
}
