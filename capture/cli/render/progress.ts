import type { Sink } from "../io.ts";
import { oneLine } from "./escape.ts";
import { fit } from "./width.ts";

/** What is done sooner needs no word about it. */
const quietMs = 400;
const redrawMs = 100;

export interface Progress {
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly what: string;
}

/** One line at a terminal that is drawn over itself; nothing anywhere else. */
export function progressOn(
  sink: Sink,
  startMs: number,
): { show(nowMs: number, progress: Progress): void; clear(): void } {
  let drawnMs = startMs + quietMs - redrawMs;
  let isDrawn = false;
  return {
    show(nowMs, progress) {
      if (!sink.isTerminal || nowMs - drawnMs < redrawMs) return;
      drawnMs = nowMs;
      isDrawn = true;
      void sink.write(`\r${fit(wordsOf(progress), sink.columns - 1)}\u001b[K`);
    },
    clear() {
      if (isDrawn) void sink.write("\r\u001b[K");
      isDrawn = false;
    },
  };
}

function wordsOf({ done, total, what }: Progress): string {
  const count = total > 0 ? `${done} of ${total}` : done > 0 ? String(done) : "";
  return [count, oneLine(what)].filter((part) => part !== "").join("  ");
}
