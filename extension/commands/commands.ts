import * as vscode from "vscode";

import type { Deps } from "../base/deps.ts";
import type { WhySource } from "../editor/why-source.ts";
import { loadLate } from "../load-late.ts";
import type { TimelineView } from "../views/timeline-view.ts";

export interface CommandDeps extends Deps {
  readonly timeline: TimelineView;
  readonly why: WhySource;
}

type Handler = (deps: CommandDeps, ...args: readonly unknown[]) => Promise<void>;

/** Every command we contribute; what a command needs is loaded when one is first run. */
const commands = {
  "opentraces.showTimeline": () => focusTimeline(),
  "opentraces.refreshTimeline": async ({ engine, timeline }) => {
    if (engine.isFailed) engine.restart();
    timeline.refresh();
  },
  "opentraces.pickSession": async (deps) => (await loadLate()).pickSession(deps),
  "opentraces.showSession": async (deps, place) => (await loadLate()).showSession(deps, place),
  "opentraces.openStep": async (deps, place) => (await loadLate()).openStep(deps, place),
  "opentraces.openStepDiff": async (deps, place) => (await loadLate()).openDiff(deps, place),
  "opentraces.importSessions": async (deps) => (await loadLate()).importSessions(deps),
  "opentraces.setUpCapture": async (deps) => (await loadLate()).setUpCapture(deps),
  "opentraces.removeCapture": async (deps) => (await loadLate()).removeCapture(deps),
  "opentraces.pauseCapture": async (deps) => (await loadLate()).setCapture(deps, "paused"),
  "opentraces.resumeCapture": async (deps) => (await loadLate()).setCapture(deps, "on"),
  "opentraces.excludeRepository": async (deps) => (await loadLate()).setCapture(deps, "excluded"),
  "opentraces.why": ({ why }, place) => showWhy(why, place),
  "opentraces.toggleLineAnnotation": () => toggle("lineAnnotation.enabled"),
  "opentraces.toggleGutter": () => toggle("gutter.enabled"),
  "opentraces.doctor": async (deps) => (await loadLate()).doctor(deps),
  "opentraces.showLog": async ({ channel }) => channel.show(),
} as const satisfies Record<`opentraces.${string}`, Handler>;

export function registerCommands(deps: CommandDeps): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, handler]: [string, Handler]) =>
      vscode.commands.registerCommand(id, (...args: readonly unknown[]) =>
        handler(deps, ...args).catch(async (error: unknown) =>
          (await loadLate()).report(error, deps.log),
        ),
      ),
    ),
  );
}

async function focusTimeline(): Promise<void> {
  await vscode.commands.executeCommand("opentraces.timeline.focus");
}

/** From the line number's menu, the line comes as an argument and the cursor goes there first. */
async function showWhy(why: WhySource, place: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const line = lineOf(place);
  if (editor !== undefined && line !== null && line < editor.document.lineCount) {
    const start = editor.document.lineAt(line).range.start;
    editor.selection = new vscode.Selection(start, start);
  }
  why.ask();
  await vscode.commands.executeCommand("editor.action.showHover");
}

/** 0-based; null where the argument names no line. */
function lineOf(place: unknown): number | null {
  if (typeof place !== "object" || place === null || !("lineNumber" in place)) return null;
  return typeof place.lineNumber === "number" ? place.lineNumber - 1 : null;
}

async function toggle(key: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration("opentraces");
  const isOn = settings.get<unknown>(key) !== false;
  await settings.update(key, !isOn, vscode.ConfigurationTarget.Global);
}
