import * as vscode from "vscode";

import type { TraceSummary } from "../../capture/api.ts";
import { quietOp } from "../../capture/base/op.ts";
import { currentFolder, onDidChangeFolder } from "../base/current-folder.ts";
import type { Deps } from "../base/deps.ts";
import { DisposableStore } from "../base/disposable-store.ts";
import { loadLate } from "../load-late.ts";
import type { TimelineView } from "./timeline-view.ts";

const sessionsMax = 200;

/** The sessions of this workspace, newest first; choosing one shows it in the timeline. */
export function registerSessionsTree(deps: Deps, timeline: TimelineView): vscode.Disposable {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<void>());
  store.add(deps.engine.onDidChange(({ isNew }) => isNew && changed.fire()));
  store.add(deps.engine.onDidChangeState(() => changed.fire()));
  store.add(timeline.onDidShow(() => changed.fire()));
  store.add(onDidChangeFolder(() => changed.fire()));
  store.add(
    vscode.window.registerTreeDataProvider<TraceSummary>("opentraces.sessions", {
      onDidChangeTreeData: changed.event,
      getChildren: async (parent) => {
        const repo = currentFolder();
        if (parent !== undefined || repo === null) return [];
        const engine = await deps.engine.get();
        const answer = await engine.listTraces(quietOp(deps.log), { repo, limit: sessionsMax });
        return [...answer.traces];
      },
      getTreeItem: async (trace) =>
        (await loadLate()).sessionItem(trace, timeline.chosen, Date.now()),
    }),
  );
  return store;
}
