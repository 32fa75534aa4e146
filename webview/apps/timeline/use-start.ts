import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

import type { TimelineContract, TimelineStart } from "../../protocol/timeline.ts";
import type { Host } from "../../shared/host.ts";
import { failed } from "../../shared/use-request.ts";
import type { View } from "./view-memory.ts";

export type Started =
  | { readonly state: "loading" }
  /** `view` is what the answer is about; a newer one may be asked for already. */
  | { readonly state: "ready"; readonly start: TimelineStart; readonly view: View }
  | ReturnType<typeof failed>;

/** A session that grows all the time is asked about this often at most. */
const betweenMs = 100;

/**
 * Asks what to show: at once for another view, and again whenever the host says that it changed.
 *
 * A change never cancels the question that is under way, or a busy session would never be answered.
 */
export function useStart(
  host: Host<TimelineContract>,
  view: View,
  revealed: RefObject<number>,
): { readonly started: Started; readonly askAgain: () => void } {
  const [started, setStarted] = useState<Started>({ state: "loading" });
  const running = useRef<AbortController | null>(null);
  const isDue = useRef(false);
  const latest = useRef(view);
  latest.current = view;

  const ask = useCallback(async () => {
    const controller = new AbortController();
    running.current = controller;
    do {
      isDue.current = false;
      const asked = latest.current;
      try {
        const params = { ...asked, revealed: revealed.current };
        const start = await host.request("start", params, controller.signal);
        if (!controller.signal.aborted) setStarted({ state: "ready", start, view: asked });
      } catch (error) {
        if (!controller.signal.aborted) setStarted(failed(error));
      }
      if (isDue.current) await pause(betweenMs);
    } while (isDue.current && !controller.signal.aborted);
    if (running.current === controller) running.current = null;
  }, [host, revealed]);

  const askAgain = useCallback(() => {
    isDue.current = true;
    if (running.current === null) void ask();
  }, [ask]);

  useEffect(() => {
    void ask();
    return () => {
      running.current?.abort(new Error("superseded"));
      running.current = null;
    };
  }, [ask, view.filter, view.query]);
  useEffect(() => host.on("changed", askAgain), [host, askAgain]);

  return { started, askAgain };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
