import type { CaptureFault, CaptureState } from "../../capture/api.ts";
import { ago } from "../editor/words.ts";

/** What the status bar says, and what a click on it does. */
export interface StatusWords {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
}

const showTimeline = "opentraces.showTimeline";

/** `state` is null without a folder. */
export function statusWords(state: CaptureState | null, nowMs: number): StatusWords {
  if (state === null || state.repository !== "ok") {
    const tooltip = state === null ? "No folder is open" : "Not a Git working tree";
    return { text: "○ opentraces", tooltip, command: showTimeline };
  }
  switch (state.consent) {
    case "paused":
      return {
        text: "‖ opentraces",
        tooltip: "Capture is paused for this repository. Click to resume.",
        command: "opentraces.resumeCapture",
      };
    case "excluded":
      return {
        text: "○ opentraces",
        tooltip: "This repository is not recorded",
        command: showTimeline,
      };
    case "unasked":
      return {
        text: "○ opentraces",
        tooltip: "This repository is not recorded yet. Click to decide.",
        command: "opentraces.setUpCapture",
      };
    case "on":
      return state.fault === null ? liveWords(state, nowMs) : faultWords(state.fault);
  }
}

/** Capture was agreed to, and nothing can be recorded at all. */
function faultWords({ message, hint }: CaptureFault): StatusWords {
  const tooltip = `Nothing is recorded now. ${message} ${hint}`.trim();
  return { text: "! opentraces", tooltip, command: "opentraces.doctor" };
}

function liveWords(state: CaptureState, nowMs: number): StatusWords {
  const live = state.liveTraces.length;
  const last = state.lastStepAtMs === null ? "" : ` Last step ${ago(state.lastStepAtMs, nowMs)}.`;
  const hooks = state.hooksInstalled
    ? ""
    : " Hooks are not installed: shell edits are not covered.";
  if (live === 0) {
    return {
      text: "○ opentraces",
      tooltip: `No live session.${last}${hooks}`,
      command: showTimeline,
    };
  }
  const sessions = `${live} live session${live === 1 ? "" : "s"}.`;
  return { text: "● opentraces", tooltip: `${sessions}${last}${hooks}`, command: showTimeline };
}
