import type { Engine, Op, TraceShowAnswer } from "../../api.ts";
import type { Answer, Call } from "../command.ts";
import { isOtError } from "../exit.ts";
import { stepLines } from "../render/step.ts";
import { type TimelineNotes, timelineNotes } from "../render/timeline-notes.ts";
import { timelineLines } from "../render/trace-show.ts";

/** `ot trace show`: the timeline, or with one selected step all of that step. */
export async function traceShow(call: Call): Promise<Answer> {
  const { args, op } = call;
  const [address = ""] = args.operands;
  const isFull = args.has("full");
  const engine = await call.engine();
  const answer = await engine.showTrace(op, { address, full: isFull });
  const isOneStep = /:(?:\d+|last)$/u.test(address) && answer.steps.length === 1;
  if (isOneStep || call.isJson) {
    return {
      json: answer,
      lines: (paper) => stepLines(paper, answer, { isFull }),
      records: () => answer.steps,
    };
  }
  const notes = await notesOf(engine, op, answer);
  return { json: answer, lines: (paper) => timelineLines(paper, answer, { isFull, notes }) };
}

/** What became of the changes, for people; a session whose repository is gone has none. */
async function notesOf(engine: Engine, op: Op, answer: TraceShowAnswer): Promise<TimelineNotes> {
  const { trace, steps } = answer;
  try {
    const tracked = await engine.track(op, { address: trace.id });
    return timelineNotes(steps, tracked, trace.outcome);
  } catch (error) {
    if (!isOtError(error) || error.code === "cancelled") throw error;
    return timelineNotes(steps, { patches: [] }, trace.outcome);
  }
}
