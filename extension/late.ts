import { openEngine } from "../capture/api.ts";
import type { Deps } from "./base/deps.ts";
import { report } from "./base/run.ts";
import {
  importSessions,
  removeCapture,
  setCapture,
  setUpCapture,
} from "./commands/capture-commands.ts";
import { doctor } from "./commands/doctor.ts";
import { openDiff, openStep, showSession } from "./commands/open-place.ts";
import { pickSession } from "./commands/pick-session.ts";
import { registerEditorSignals } from "./editor/editor-signals.ts";
import { registerGutter } from "./editor/gutter.ts";
import { hoverMarkdown } from "./editor/hover-markdown.ts";
import { registerLineAnnotation } from "./editor/line-annotation.ts";
import type { WhySource } from "./editor/why-source.ts";
import { registerTerminalPath } from "./terminal/terminal-path.ts";
import { sessionItem } from "./views/session-item.ts";
import { registerStatusBar } from "./views/status-bar.ts";
import { serveTimeline } from "./views/timeline-requests.ts";
import { webviewHtml } from "./views/webview-html.ts";

/** Everything that waits until the window is up, or until somebody looks or asks. */
export const late = {
  openEngine,
  report,
  importSessions,
  removeCapture,
  setCapture,
  setUpCapture,
  doctor,
  openDiff,
  openStep,
  showSession,
  pickSession,
  hoverMarkdown,
  sessionItem,
  serveTimeline,
  webviewHtml,
  featuresAfterStart,
} as const;

export type Late = typeof late;

/** What shows or notices something by itself, by name. */
function featuresAfterStart(deps: Deps, why: WhySource) {
  return {
    statusBar: () => registerStatusBar(deps),
    lineAnnotation: () => registerLineAnnotation(why),
    gutter: () => registerGutter(deps, why),
    editorSignals: () => registerEditorSignals(deps),
    terminalPath: () => registerTerminalPath(deps),
  } as const;
}
