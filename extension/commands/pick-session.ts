import { agentName } from "../../capture/model/agent-name.ts";
import { plural } from "../../capture/base/words.ts";
import * as vscode from "vscode";

import type { TraceSummary } from "../../capture/api.ts";
import { currentFolder } from "../base/current-folder.ts";
import { inertText, oneLine } from "../base/plain-text.ts";
import { runWithProgress } from "../base/run.ts";
import { ago } from "../editor/words.ts";
import type { CommandDeps } from "./commands.ts";

const sessionsMax = 500;

interface SessionItem extends vscode.QuickPickItem {
  readonly trace: string | null;
}

/** Lets a person choose the session that the timeline shows: this workspace's come first. */
export async function pickSession(deps: CommandDeps): Promise<void> {
  const repo = currentFolder();
  const { here, all } = await runWithProgress("Listing sessions", deps.log, async (op) => {
    const engine = await deps.engine.get();
    return {
      here: repo === null ? [] : (await engine.listTraces(op, { repo, limit: sessionsMax })).traces,
      all: (await engine.listTraces(op, { limit: sessionsMax })).traces,
    };
  });
  const hereIds = new Set(here.map(({ id }) => id));
  const elsewhere = all.filter(({ id }) => !hereIds.has(id));
  const nowMs = Date.now();
  const items: SessionItem[] = [
    { label: "$(sync) Follow the newest session of this workspace", trace: null },
    ...group("This workspace", here, nowMs),
    ...group("Elsewhere", elsewhere, nowMs),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: "Sessions",
    placeHolder: here.length === 0 ? "No session in this workspace yet" : "Choose a session",
    matchOnDetail: true,
  });
  if (picked === undefined) return;
  deps.timeline.show(picked.trace);
  await vscode.commands.executeCommand("opentraces.timeline.focus");
}

function group(label: string, traces: readonly TraceSummary[], nowMs: number): SessionItem[] {
  if (traces.length === 0) return [];
  return [
    { label, kind: vscode.QuickPickItemKind.Separator, trace: null },
    ...traces.map((trace) => ({
      label: inertText(oneLine(trace.title)),
      // Below the title and not behind it, where a long one would leave no room for it.
      detail: [
        agentName(trace.harness),
        ...(trace.startedAtMs === null ? [] : [ago(trace.startedAtMs, nowMs)]),
        inertText(sizeAndPlace(trace)),
      ].join(" · "),
      trace: trace.id,
    })),
  ];
}

function sizeAndPlace({ turns, steps, cwd }: TraceSummary): string {
  const size = `${plural(turns, "prompt")}, ${plural(steps, "step")}`;
  return cwd === null ? size : `${size} in ${cwd}`;
}
