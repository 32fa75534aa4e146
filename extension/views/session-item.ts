import { agentName } from "../../capture/model/agent-name.ts";
import { plural } from "../../capture/base/words.ts";
import * as vscode from "vscode";

import type { TraceSummary } from "../../capture/api.ts";
import { inertText, oneLine } from "../base/plain-text.ts";
import { ago } from "../editor/words.ts";

/** A session in the tree; the one that a person chose has a full circle. */
export function sessionItem(
  trace: TraceSummary,
  chosen: string | null,
  nowMs: number,
): vscode.TreeItem {
  const item = new vscode.TreeItem(inertText(oneLine(trace.title)));
  item.id = trace.id;
  item.iconPath = new vscode.ThemeIcon(trace.id === chosen ? "circle-filled" : "history");
  item.description = [
    agentName(trace.harness),
    ...(trace.startedAtMs === null ? [] : [ago(trace.startedAtMs, nowMs)]),
  ].join(" · ");
  const size = `${plural(trace.turns, "prompt")}, ${plural(trace.steps, "step")}`;
  item.tooltip = inertText(`${trace.title}\n${size}`);
  item.command = {
    command: "opentraces.showSession",
    title: "Show Session",
    arguments: [{ trace: trace.id }],
  };
  return item;
}
