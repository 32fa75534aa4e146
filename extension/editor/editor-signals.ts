import * as vscode from "vscode";

import { quietOp } from "../../capture/base/op.ts";
import type { Deps } from "../base/deps.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { cursorAfter, type Edit, isKeystroke, isReformat, type Span } from "./edit-shape.ts";
import { type LineRange, NotedLines } from "./noted-lines.ts";
import { TextBefore } from "./text-before.ts";

const kinds = ["typed", "formatted", "undone"] as const;
type Kind = (typeof kinds)[number];

const flushMs = 1_000;
/** A save that has not ended by then has failed. */
const saveMsMax = 10_000;

/** What was noted of one document since it was opened. */
interface Noted {
  readonly document: vscode.TextDocument;
  readonly lines: Readonly<Record<Kind, NotedLines>>;
  /** Kinds of which the engine knows lines. */
  readonly told: Set<Kind>;
  hasNews: boolean;
}

/** A change of a document that was clean; whether an edit or a reload, the next event tells. */
interface Held {
  readonly kind: Kind | null;
  readonly edits: readonly Edit[];
}

/**
 * Tells the engine what the person's own hand and their formatter did: the positive evidence behind
 * "you edited this". What could be either, or somebody else's, is not told at all.
 *
 * Says where and how, never what was typed. Nothing is sent for documents that are not files.
 */
export function registerEditorSignals(deps: Deps): vscode.Disposable {
  const signals = new EditorSignals(deps);
  const store = new DisposableStore();
  const { workspace, window } = vscode;
  store.add(workspace.onDidChangeTextDocument((event) => signals.changed(event)));
  store.add(workspace.onWillSaveTextDocument((event) => signals.willSave(event)));
  store.add(workspace.onDidSaveTextDocument((document) => signals.saved(document)));
  store.add(workspace.onDidCloseTextDocument((document) => signals.closed(document)));
  store.add(window.onDidChangeActiveTextEditor((editor) => signals.activated(editor?.document)));
  store.add(signals);
  signals.activated(window.activeTextEditor?.document);
  return store;
}

class EditorSignals implements vscode.Disposable {
  readonly #deps: Deps;
  readonly #noted = new Map<string, Noted>();
  readonly #held = new Map<string, Held>();
  /** Documents that are being saved, by a save that formats, and since when. */
  readonly #formatting = new Map<string, number>();
  readonly #before = new TextBefore();
  /** Where the last key left the cursor; the editor itself says so only later. */
  #lastKey: { readonly key: string; readonly cursor: Span } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  activated(document: vscode.TextDocument | undefined): void {
    this.#before.hold(document?.uri.scheme === "file" ? document : undefined);
  }

  changed(event: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges: edits } = event;
    if (document.uri.scheme !== "file") return;
    const key = document.uri.toString();
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held !== undefined) {
      const isEdit = edits.length === 0 && document.isDirty;
      this.#note(document, isEdit ? held : { ...held, kind: null });
    }
    if (edits.length === 0) return;
    const kind = this.#kindOf(event);
    this.#before.add(document, edits);
    if (document.isDirty) this.#note(document, { kind, edits });
    else this.#held.set(key, { kind, edits });
  }

  willSave({ document, reason }: vscode.TextDocumentWillSaveEvent): void {
    const isByClock = reason === vscode.TextDocumentSaveReason.AfterDelay;
    if (isByClock || !formatsOnSave(document)) return;
    this.#formatting.set(document.uri.toString(), performance.now());
  }

  saved(document: vscode.TextDocument): void {
    if (document.uri.scheme !== "file") return;
    const key = document.uri.toString();
    const noted = this.#noted.get(key);
    this.#formatting.delete(key);
    // Only now is it on disk, where a snapshot will see it: what is known already is told again.
    const reports = noted === undefined ? [] : reportsOf(noted);
    void this.#report(document, [...reports, { kind: "saved", ranges: [] }]);
  }

  closed(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    for (const map of [this.#noted, this.#held, this.#formatting]) map.delete(key);
  }

  /** Null for changes of which nobody can say whose they are. */
  #kindOf({ document, contentChanges: edits, reason }: vscode.TextDocumentChangeEvent) {
    if (reason !== undefined) return "undone";
    const key = document.uri.toString();
    const isKey = this.#isKey(document, edits);
    const savingMs = this.#formatting.get(key);
    if (savingMs !== undefined && performance.now() - savingMs < saveMsMax) {
      return isKey ? null : "formatted";
    }
    if (isKey) return "typed";
    const before = this.#before.before(document, edits);
    return before !== null && isReformat(edits, before, document.getText()) ? "formatted" : null;
  }

  #isKey(document: vscode.TextDocument, edits: readonly Edit[]): boolean {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document) return false;
    const key = document.uri.toString();
    const last = this.#lastKey?.key === key ? [this.#lastKey.cursor] : [];
    const isKey = isKeystroke(edits, [...editor.selections, ...last]);
    const [first] = edits;
    this.#lastKey = isKey && first !== undefined ? { key, cursor: cursorAfter(first) } : null;
    return isKey;
  }

  #note(document: vscode.TextDocument, { kind, edits }: Held): void {
    const key = document.uri.toString();
    const known = this.#noted.get(key);
    if (known === undefined && kind === null) return;
    const noted = known ?? newNoted(document);
    this.#noted.set(key, noted);
    for (const one of kinds) {
      // A line that somebody else has changed since is nobody's to claim.
      noted.lines[one].apply(edits, kind === null ? "drop" : one === kind ? "note" : "keep");
    }
    noted.hasNews = true;
    this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  /** Text that is not saved yet is asked about too. */
  #flush(): void {
    this.#timer = undefined;
    for (const noted of this.#noted.values()) {
      if (noted.hasNews) void this.#report(noted.document, reportsOf(noted));
    }
  }

  async #report(document: vscode.TextDocument, reports: readonly Report[]): Promise<void> {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    if (folder === undefined) return;
    const { engine, log } = this.#deps;
    const atMs = Date.now();
    const path = vscode.workspace.asRelativePath(document.uri, false);
    try {
      const opened = await engine.get();
      for (const report of reports) {
        const root = folder.uri.fsPath;
        await opened.reportEditor(quietOp(log), { root, path, ...report, atMs });
      }
    } catch (error) {
      log.log("debug", "editor-signal.failed", { message: String(error) });
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

interface Report {
  readonly kind: Kind | "saved";
  readonly ranges: readonly LineRange[];
}

/** All that is known of a document now; of each kind it replaces what was told before. */
function reportsOf(noted: Noted): Report[] {
  const { lines, told } = noted;
  const reported = kinds.filter((kind) => told.has(kind) || !lines[kind].isEmpty);
  noted.hasNews = false;
  for (const kind of reported) {
    if (lines[kind].isEmpty) told.delete(kind);
    else told.add(kind);
  }
  return reported.map((kind) => ({ kind, ranges: lines[kind].ranges() }));
}

function newNoted(document: vscode.TextDocument): Noted {
  const lines = {
    typed: new NotedLines(),
    formatted: new NotedLines(),
    undone: new NotedLines(),
  };
  return { document, lines, told: new Set(), hasNews: false };
}

/** Whether the person has told the editor to change this document when it is saved. */
function formatsOnSave(document: vscode.TextDocument): boolean {
  const settings = vscode.workspace.getConfiguration("editor", document);
  if (settings.get<unknown>("formatOnSave") === true) return true;
  const actions = settings.get<unknown>("codeActionsOnSave");
  if (typeof actions !== "object" || actions === null) return false;
  return Object.values(actions).some((when) => when !== false && when !== "never");
}
