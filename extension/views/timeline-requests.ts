import * as vscode from "vscode";

import {
  type Engine,
  type Op,
  OtError,
  type TimelineHead as EngineHead,
} from "../../capture/api.ts";
import type {
  EmptyState,
  Reveal,
  SavedState,
  TimelineAction,
  TimelineContract,
  TimelineFilter,
  TimelineHead,
  TimelineStart,
} from "../../webview/protocol/timeline.ts";
import type { Deps } from "../base/deps.ts";
import { report } from "../base/run.ts";
import { openChangedFile, openStepDiff } from "../editor/open-step.ts";
import { addressOf } from "../editor/step-documents.ts";
import { diffHtml } from "./diff-html.ts";
import { locateStep } from "./locate-step.ts";
import { outcomeWords } from "./outcome-words.ts";
import { serve, type Served } from "./serve.ts";
import { readStepTexts } from "./step-texts.ts";
import { timelineParsers } from "./timeline-parsers.ts";
import type { WantedStep } from "./timeline-view.ts";
import { visibleAnswer } from "./visible-answer.ts";

export type TimelineServed = Served<TimelineContract>;

/** What the view knows and is told while its page is served. */
interface Shown {
  readonly chosen: () => string | null;
  /** The chosen session is not there any more. */
  readonly forget: () => void;
  readonly folder: () => string | null;
  readonly wanted: () => WantedStep | null;
  readonly isShown: (trace: string | null) => void;
  readonly wasRevealed: (serial: number) => void;
  readonly save: (state: SavedState) => void;
}

interface PageView {
  readonly filter: TimelineFilter;
  readonly query: string;
}

/** Sessions of one folder that are looked through for the one that is shown. */
const sessionsMax = 10_000;

const commandOf: Readonly<Record<TimelineAction, string>> = {
  pickSession: "opentraces.pickSession",
  importSessions: "opentraces.importSessions",
  setUpCapture: "opentraces.setUpCapture",
  resumeCapture: "opentraces.resumeCapture",
  openFolder: "workbench.action.files.openFolder",
  initRepository: "git.init",
  showLog: "opentraces.showLog",
  retry: "opentraces.refreshTimeline",
};

export function serveTimeline(webview: vscode.Webview, deps: Deps, shown: Shown): TimelineServed {
  const { engine, log } = deps;
  /** What a person did by hand: a failure is told where they look, not in the page. */
  const act = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      report(error, log);
    }
    return null;
  };
  let showing: string | null = null;
  const remembering: Shown = {
    ...shown,
    isShown: (trace) => {
      showing = trace;
      shown.isShown(trace);
    },
  };
  return serve<TimelineContract>(
    webview,
    timelineParsers,
    {
      start: async ({ revealed, ...view }, op) => {
        shown.wasRevealed(revealed);
        return visibleAnswer(await start(op, deps, remembering, view));
      },
      rows: async (params, op) =>
        visibleAnswer(await (await engine.get()).timelineRows(op, params)),
      stepText: async ({ trace, step }, op) =>
        visibleAnswer(await readStepTexts(op, await engine.get(), addressOf(trace, step))),
      stepDiff: async ({ trace, step }, op) => {
        const address = addressOf(trace, step);
        return diffHtml((await (await engine.get()).stepDiff(op, { address })).patch);
      },
      save: ({ state }) => {
        shown.save(state);
        return null;
      },
      openDiff: (params, op) => act(async () => openStepDiff(op, await engine.get(), params)),
      openFile: ({ path, line }, op) =>
        act(async () => {
          const folder = shown.folder();
          await requireOwnSession(op, await engine.get(), folder, showing);
          await openChangedFile(await rootOf(op, deps, folder), path, line);
        }),
      openCommit: ({ sha }) =>
        act(async () => {
          await vscode.env.clipboard.writeText(sha);
          void vscode.window.setStatusBarMessage(`Commit id ${sha.slice(0, 8)} copied`, 3_000);
        }),
      run: ({ action }) =>
        act(async () => {
          await vscode.commands.executeCommand(commandOf[action]);
          if (action === "initRepository") engine.stateChanged();
        }),
    },
    log,
  );
}

/** A path of a session from elsewhere would name another file of the same name here. */
async function requireOwnSession(
  op: Op,
  engine: Engine,
  folder: string | null,
  trace: string | null,
): Promise<void> {
  if (folder === null || trace === null) return;
  const { traces } = await engine.listTraces(op, { repo: folder, limit: sessionsMax });
  if (traces.some(({ id }) => id === trace)) return;
  throw new OtError("not-found", "This session took place in another folder.", {
    hint: "Open that folder to open its files.",
  });
}

/** Paths of steps are relative to the work tree, which may begin above the open folder. */
async function rootOf(op: Op, deps: Deps, folder: string | null): Promise<string | null> {
  if (folder === null) return null;
  const { root } = await (await deps.engine.get()).captureState(op, { repo: folder });
  return root ?? folder;
}

async function start(op: Op, deps: Deps, shown: Shown, view: PageView): Promise<TimelineStart> {
  let engine: Engine;
  try {
    engine = await deps.engine.get();
  } catch (error) {
    shown.isShown(null);
    return empty("engine-failed", error instanceof Error ? error.message : String(error));
  }
  const found = await headToShow(op, engine, shown, view);
  shown.isShown(found?.trace ?? null);
  if (found === null) return empty(await whyEmpty(op, engine, shown.folder()));
  const reveal = await revealOf(op, engine, shown.wanted(), { ...view, head: found });
  const outcome = found.outcome === null ? null : outcomeWords(found.outcome);
  const head: TimelineHead = { ...found, outcome };
  return { state: "ready", head, reveal };
}

/** The session that was chosen, as long as it is there, else the newest of this folder. */
async function headToShow(
  op: Op,
  engine: Engine,
  shown: Shown,
  view: PageView,
): Promise<EngineHead | null> {
  const chosen = shown.chosen();
  if (chosen !== null) {
    try {
      return await engine.timelineHead(op, { trace: chosen, ...view });
    } catch (error) {
      if (!(error instanceof OtError) || error.code !== "not-found") throw error;
      shown.forget();
    }
  }
  const folder = shown.folder();
  if (folder === null) return null;
  const { traces } = await engine.listTraces(op, { repo: folder, limit: 1 });
  const newest = traces[0];
  return newest === undefined ? null : engine.timelineHead(op, { trace: newest.id, ...view });
}

async function revealOf(
  op: Op,
  engine: Engine,
  wanted: WantedStep | null,
  { head, ...view }: PageView & { readonly head: EngineHead },
): Promise<Reveal | null> {
  if (wanted === null || wanted.trace !== head.trace) return null;
  const { serial, step } = wanted;
  const place = await locateStep(op, engine, { head, trace: head.trace, ...view }, step);
  return { serial, row: place?.row ?? null, child: place?.child ?? -1 };
}

async function whyEmpty(op: Op, engine: Engine, folder: string | null): Promise<EmptyState> {
  if (folder === null) return "no-folder";
  const { repository, consent } = await engine.captureState(op, { repo: folder });
  if (repository === "none") return "no-repository";
  if (repository === "bare") return "bare-repository";
  return consent === "on" ? "no-session" : consent;
}

function empty(why: EmptyState, message: string | null = null): TimelineStart {
  return { state: "empty", why, message };
}
