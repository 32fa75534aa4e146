import * as vscode from "vscode";

import { quietOp } from "../../capture/base/op.ts";
import type { Deps } from "../base/deps.ts";
import { DisposableStore } from "../base/disposable-store.ts";

type Kind = "typed" | "saved" | "formatted" | "undone";

/** Changes up to this long and in one place look like a hand at the keyboard. */
const typedCharsMax = 64;
const flushMs = 1_000;

interface Pending {
  readonly kind: Kind;
  readonly uri: vscode.Uri;
  readonly lines: Set<number>;
}

/**
 * Tells the engine what the person's own hand did: the positive evidence behind "you edited this".
 *
 * Says where and how, never what was typed. Nothing is sent for documents that are not files.
 */
export function registerEditorSignals(deps: Deps): vscode.Disposable {
  const store = new DisposableStore();
  const pending = new Map<string, Pending>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const note = (kind: Kind, document: vscode.TextDocument, lines: readonly number[]) => {
    if (document.uri.scheme !== "file") return;
    const key = `${kind} ${document.uri.toString()}`;
    const entry = pending.get(key) ?? { kind, uri: document.uri, lines: new Set() };
    pending.set(key, entry);
    for (const line of lines) entry.lines.add(line);
    timer ??= setTimeout(() => void flush(), flushMs);
  };
  const flush = async () => {
    timer = undefined;
    const entries = [...pending.values()];
    pending.clear();
    try {
      const engine = await deps.engine.get();
      for (const entry of entries) {
        const folder = vscode.workspace.getWorkspaceFolder(entry.uri);
        if (folder === undefined) continue;
        await engine.reportEditor(quietOp(deps.log), {
          root: folder.uri.fsPath,
          path: vscode.workspace.asRelativePath(entry.uri, false),
          kind: entry.kind,
          ranges: rangesOf([...entry.lines]),
          atMs: Date.now(),
        });
      }
    } catch (error) {
      deps.log.log("debug", "editor-signal.failed", { message: String(error) });
    }
  };

  store.add(
    vscode.workspace.onDidChangeTextDocument((event) => {
      const kind = kindOf(event);
      if (kind === null) return;
      for (const change of event.contentChanges) {
        for (const entry of pending.values()) {
          if (entry.uri.toString() === event.document.uri.toString()) shift(entry.lines, change);
        }
        note(kind, event.document, linesAfter(change));
      }
    }),
  );
  store.add(vscode.workspace.onDidSaveTextDocument((document) => note("saved", document, [])));
  store.add({ dispose: () => clearTimeout(timer) });
  return store;
}

/** Null for changes that show no hand: reloads from disk, refactorings over many places. */
function kindOf(event: vscode.TextDocumentChangeEvent): Kind | null {
  if (event.contentChanges.length === 0) return null;
  if (event.reason !== undefined) return "undone";
  if (!event.document.isDirty) return null;
  const isActive = vscode.window.activeTextEditor?.document === event.document;
  const [only] = event.contentChanges;
  const isSmall = event.contentChanges.every(({ text }) => text.length <= typedCharsMax);
  return isActive && isSmall && only !== undefined ? "typed" : null;
}

/** Lines noted earlier move with what is inserted or removed above them. */
function shift(lines: Set<number>, change: vscode.TextDocumentContentChangeEvent): void {
  const { start, end } = change.range;
  const by = change.text.split("\n").length - 1 - (end.line - start.line);
  if (by === 0) return;
  const moved = [...lines].map((line) => (line > end.line + 1 ? line + by : line));
  lines.clear();
  for (const line of moved) lines.add(line);
}

/** 1-based lines of the text after the change. */
function linesAfter(change: vscode.TextDocumentContentChangeEvent): number[] {
  const first = change.range.start.line + 1;
  const count = change.text.split("\n").length;
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Consecutive lines joined to ranges, both ends included, ascending. */
function rangesOf(lines: readonly number[]): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && line <= last[1] + 1) last[1] = Math.max(last[1], line);
    else ranges.push([line, line]);
  }
  return ranges;
}
