import * as path from "node:path";

import * as vscode from "vscode";

import type { BlameAnswer } from "../../capture/api.ts";
import type { Deps } from "../base/deps.ts";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { tokenOp } from "../base/token-op.ts";
import { onDidChangeSettings, readSettings } from "../base/settings.ts";
import type { WhySource } from "./why-source.ts";

/** Stripes that tell sessions apart; a file with more sessions uses them again. */
const stripes = 4;
const settleMs = 300;

/** A stripe beside each line that an agent's step wrote, one colour a session. */
export function registerGutter(deps: Deps, why: WhySource): vscode.Disposable {
  const store = new DisposableStore();
  const decorations = Array.from({ length: stripes }, (_, i) =>
    store.add(
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: path.join(deps.context.extensionPath, "media", `stripe-${i}.svg`),
        gutterIconSize: "contain",
      }),
    ),
  );
  let asking: vscode.CancellationTokenSource | undefined;

  const cancel = () => {
    asking?.cancel();
    asking?.dispose();
    asking = undefined;
  };
  const clear = () => {
    cancel();
    for (const editor of vscode.window.visibleTextEditors) {
      for (const decoration of decorations) editor.setDecorations(decoration, []);
    }
  };
  const draw = async () => {
    cancel();
    const editor = vscode.window.activeTextEditor;
    if (!readSettings().gutter) return clear();
    if (editor === undefined || editor.document.uri.scheme !== "file") return;
    const { version } = editor.document;
    const { token } = (asking = new vscode.CancellationTokenSource());
    try {
      const answer = await why.blame(tokenOp(why.log, token), editor.document);
      if (answer === null || token.isCancellationRequested) return;
      if (editor.document.version !== version) return;
      const ranges = stripeRanges(answer);
      decorations.forEach((decoration, i) => editor.setDecorations(decoration, ranges[i] ?? []));
    } catch (error) {
      why.log.log("debug", "gutter.failed", { message: String(error) });
    }
  };
  const drawing = store.add(debounce(() => void draw(), settleMs));

  store.add(vscode.window.onDidChangeActiveTextEditor(() => drawing.afterQuiet()));
  store.add(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document) drawing.afterQuiet();
    }),
  );
  store.add(why.onDidForget(() => drawing.soon()));
  store.add(onDidChangeSettings(() => drawing.afterQuiet()));
  store.add({ dispose: clear });
  drawing.soon();
  return store;
}

/** Ranges of consecutive lines by stripe; sessions get stripes in order of appearance. */
function stripeRanges(answer: BlameAnswer): vscode.Range[][] {
  const stripeOf = new Map<string, number>();
  const ranges: vscode.Range[][] = Array.from({ length: stripes }, () => []);
  let start = 0;
  for (let i = 0; i <= answer.lines.length; i++) {
    const trace = stepTrace(answer, i);
    const before = stepTrace(answer, i - 1);
    if (i > 0 && trace === before) continue;
    if (before !== null) {
      const stripe = stripeOf.get(before) ?? stripeOf.size % stripes;
      stripeOf.set(before, stripe);
      ranges[stripe]?.push(new vscode.Range(start, 0, i - 1, 0));
    }
    start = i;
  }
  return ranges;
}

function stepTrace(answer: BlameAnswer, index: number): string | null {
  const line = answer.lines[index];
  return line?.owner === "step" ? line.trace : null;
}
