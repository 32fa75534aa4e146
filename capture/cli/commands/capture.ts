import { plural } from "../../base/words.ts";
import type { CaptureAnswer, Op } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { importLines } from "../render/import.ts";
import { style } from "../render/paper.ts";

/**
 * Captures until `op` is cancelled; `onLive` once hooks find somebody who answers. Resolves to what
 * was taken in meanwhile.
 */
export type LiveCapture = (
  op: Op,
  events: { readonly onLive: () => Promise<void> },
) => Promise<CaptureAnswer>;

/** `ot capture --once` catches up; `ot capture` follows until it is stopped: that is no failure. */
export async function capture(call: Call): Promise<Answer> {
  if (call.args.has("once")) {
    const engine = await call.engine();
    return caughtUp(await engine.captureOnce(call.op));
  }
  const answer = await call.io.captureLive(call.op, {
    onLive: () => call.tell("Capturing. Ctrl-C stops it; what is taken in is safe on disk."),
  });
  return {
    json: answer,
    *lines(paper) {
      yield "Stopped.";
      if (answer.sessions.length > 0) yield* importLines(paper, answer);
    },
  };
}

function caughtUp(answer: CaptureAnswer): Answer {
  return {
    json: answer,
    *lines(paper) {
      if (answer.sessions.length + answer.issues.length > 0) yield* importLines(paper, answer);
      else yield "Nothing to take in from repositories that are recorded (ot status).";
      const { events, bad, dropped } = answer.spool;
      if (events > 0) yield style.dim(`${plural(events, "hook event")} taken in.`);
      if (bad > 0) yield style.dim(`${plural(bad, "hook event")} set aside as unreadable.`);
      if (dropped > 0) yield style.dim(`${plural(dropped, "hook event")} lost: too many waited.`);
    },
  };
}
