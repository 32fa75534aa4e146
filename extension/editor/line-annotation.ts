import * as vscode from "vscode";

import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { onDidChangeSettings, readSettings } from "../base/settings.ts";
import type { WhySource } from "./why-source.ts";
import { annotationWords } from "./words.ts";

const settleMs = 150;

/** Writes who and why behind the current line, dimmed, once the cursor rests. */
export function registerLineAnnotation(why: WhySource): vscode.Disposable {
  const store = new DisposableStore();
  const decoration = store.add(
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
      after: {
        margin: "0 0 0 3em",
        color: new vscode.ThemeColor("editorCodeLens.foreground"),
      },
    }),
  );
  // Counts up with each question, so that only the answer to the last one is written.
  let asked = 0;

  const clear = () => {
    asked++;
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(decoration, []);
  };
  const show = async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !readSettings().lineAnnotation) return clear();
    const question = ++asked;
    const { version } = editor.document;
    const { line } = editor.selection.active;
    try {
      const answer = await why.why(editor.document, line + 1);
      const words = answer === null ? null : annotationWords(answer, Date.now());
      if (question !== asked || editor.document.version !== version) return;
      editor.setDecorations(decoration, annotationOf(words, editor.document, line));
    } catch (error) {
      why.log.log("debug", "annotation.failed", { message: String(error) });
    }
  };
  const showing = store.add(debounce(() => void show(), settleMs));
  const moved = () => {
    clear();
    showing.afterQuiet();
  };

  store.add(vscode.window.onDidChangeTextEditorSelection(moved));
  store.add(vscode.window.onDidChangeActiveTextEditor(moved));
  store.add(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document) moved();
    }),
  );
  // What is written stays until the new answer is here: a growing session must not make it blink.
  store.add(why.onDidForget(() => showing.soon()));
  store.add(onDidChangeSettings(moved));
  store.add({ dispose: clear });
  showing.soon();
  return store;
}

function annotationOf(
  contentText: string | null,
  document: vscode.TextDocument,
  line: number,
): vscode.DecorationOptions[] {
  if (contentText === null || line >= document.lineCount) return [];
  const { end } = document.lineAt(line).range;
  return [{ range: new vscode.Range(end, end), renderOptions: { after: { contentText } } }];
}
