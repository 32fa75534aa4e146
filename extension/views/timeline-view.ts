import * as vscode from "vscode";

import type { BucketChange } from "../../capture/api.ts";
import type { StepNumber } from "../../webview/protocol/timeline.ts";
import { currentFolder, onDidChangeFolder } from "../base/current-folder.ts";
import type { Deps } from "../base/deps.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { loadLate } from "../load-late.ts";
import type { TimelineServed } from "./timeline-requests.ts";

/** Where the choice of a person outlives the window. */
const chosenKey = "timeline.chosenTrace";
const stateKey = "timeline.pageState";

/** A step that a person asked to see; the page says with `serial` that it has shown it. */
export interface WantedStep {
  readonly serial: number;
  readonly trace: string;
  readonly step: StepNumber;
}

/** The timeline in the side bar: which session it shows, and its webview while there is one. */
export class TimelineView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #deps: Deps;
  readonly #store = new DisposableStore();
  readonly #shown = new vscode.EventEmitter<string | null>();
  #served: TimelineServed | undefined;
  #shownTrace: string | null = null;
  #wanted: WantedStep | null = null;
  #serial = 0;

  readonly onDidShow = this.#shown.event;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#store.add(this.#shown);
  }

  register(): vscode.Disposable {
    const { engine } = this.#deps;
    this.#store.add(engine.onDidChange((change) => this.#bucketChanged(change)));
    this.#store.add(engine.onDidChangeState(() => this.refresh()));
    this.#store.add(onDidChangeFolder(() => this.refresh()));
    return vscode.window.registerWebviewViewProvider("opentraces.timeline", this);
  }

  /** The trace that a person chose, or null: then the newest of this workspace is shown. */
  get chosen(): string | null {
    return this.#deps.context.workspaceState.get<string | null>(chosenKey, null);
  }

  /** Shows one session, or the newest again with null. */
  show(trace: string | null): void {
    void this.#deps.context.workspaceState.update(chosenKey, trace);
    this.#shown.fire(trace);
    this.refresh();
  }

  /** Brings the view up and scrolls to a step. */
  async reveal(trace: string, step: StepNumber): Promise<void> {
    this.#wanted = { serial: ++this.#serial, trace, step };
    if (this.#shownTrace !== trace) this.show(trace);
    await vscode.commands.executeCommand("opentraces.timeline.focus");
    this.refresh();
  }

  refresh(): void {
    this.#served?.tell("changed", {});
  }

  /** Other sessions grow too; only one that is shown, or might be next, is worth asking about. */
  #bucketChanged({ trace, isNew }: BucketChange): void {
    if (isNew || this.#shownTrace === null || trace === this.#shownTrace) this.refresh();
  }

  async resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    const { context } = this.#deps;
    view.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, "dist", "webview")],
    };
    let isGone = false;
    view.onDidDispose(() => (isGone = true));
    const { serveTimeline, webviewHtml } = await loadLate();
    if (isGone) return;
    const served = serveTimeline(view.webview, this.#deps, {
      chosen: () => this.chosen,
      forget: () => void context.workspaceState.update(chosenKey, null),
      folder: currentFolder,
      wanted: () => this.#wanted,
      isShown: (trace) => (this.#shownTrace = trace),
      wasRevealed: (serial) => {
        if (this.#wanted?.serial === serial) this.#wanted = null;
      },
      save: (state) => void context.workspaceState.update(stateKey, state),
    });
    this.#served?.dispose();
    this.#served = served;
    view.onDidDispose(() => {
      served.dispose();
      if (this.#served === served) this.#served = undefined;
    });
    view.webview.html = webviewHtml(view.webview, context.extensionUri, {
      app: "timeline",
      state: context.workspaceState.get<unknown>(stateKey),
    });
  }

  dispose(): void {
    this.#served?.dispose();
    this.#store.dispose();
  }
}
