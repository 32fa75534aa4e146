import * as vscode from "vscode";

import { quietOp } from "../../capture/base/op.ts";
import { currentFolder } from "../base/current-folder.ts";
import { debounce } from "../base/debounce.ts";
import type { Deps } from "../base/deps.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { onDidChangeSettings, readSettings } from "../base/settings.ts";
import { statusWords, type StatusWords } from "./status-words.ts";

const settleMs = 500;

/** The one item in the status bar: recording, idle, paused, or in need of attention. */
export function registerStatusBar(deps: Deps): vscode.Disposable {
  const store = new DisposableStore();
  const item = store.add(
    vscode.window.createStatusBarItem("opentraces.status", vscode.StatusBarAlignment.Right, 50),
  );
  item.name = "opentraces";
  let asked = 0;

  const draw = async () => {
    const question = ++asked;
    const words = await currentWords(deps);
    if (question !== asked) return;
    if (words === null) return item.hide();
    apply(item, words);
    item.show();
  };
  const drawing = store.add(debounce(() => void draw(), settleMs));

  store.add(deps.engine.onDidChange(() => drawing.soon()));
  store.add(deps.engine.onDidChangeState(() => drawing.soon()));
  store.add(vscode.window.onDidChangeActiveTextEditor(() => drawing.afterQuiet()));
  store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => drawing.soon()));
  store.add(onDidChangeSettings(() => drawing.afterQuiet()));
  drawing.soon();
  return store;
}

/** Null while the item is turned off. Menus learn here whether there is something to resume. */
async function currentWords({ engine, log }: Deps): Promise<StatusWords | null> {
  const folder = currentFolder();
  try {
    const state =
      folder === null
        ? null
        : await (await engine.get()).captureState(quietOp(log), { repo: folder });
    const consent = state?.repository === "ok" ? state.consent : "none";
    void vscode.commands.executeCommand("setContext", "opentraces.consent", consent);
    return readSettings().statusBar ? statusWords(state, Date.now()) : null;
  } catch (error) {
    log.log("warn", "status-bar.failed", { message: String(error) });
    return readSettings().statusBar ? failedWords : null;
  }
}

const failedWords: StatusWords = {
  text: "! opentraces",
  tooltip: "The engine did not start. Click to see what is wrong.",
  command: "opentraces.doctor",
};

function apply(item: vscode.StatusBarItem, words: StatusWords): void {
  item.text = words.text;
  item.tooltip = words.tooltip;
  item.command = words.command;
  item.accessibilityInformation = { label: `opentraces: ${words.tooltip}` };
}
