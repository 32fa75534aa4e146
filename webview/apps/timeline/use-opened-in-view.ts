import { type RefObject, useEffectEvent, useLayoutEffect, useRef } from "react";

/** What an opened row shows may still be fetched; after this, a list that grows stays put. */
const settleMs = 3_000;

interface Opened {
  readonly id: string;
  readonly untilMs: number;
}

/**
 * Brings what was opened into view as it comes in, by as little as that takes and never so far that
 * the opened row itself would leave.
 */
export function useOpenedInView(scroller: RefObject<HTMLElement | null>, totalPx: number) {
  const opened = useRef<Opened | null>(null);

  const look = useEffectEvent(() => {
    const { id, untilMs } = opened.current ?? { id: "", untilMs: 0 };
    const list = scroller.current;
    if (list === null || performance.now() > untilMs) return;
    const row = list.querySelector(`#${CSS.escape(id)}`);
    if (row === null) return;
    const view = list.getBoundingClientRect();
    const below = row.nextElementSibling ?? row;
    const hidden = below.getBoundingClientRect().bottom - view.bottom;
    const above = row.getBoundingClientRect().top - view.top;
    if (hidden > 0) list.scrollBy(0, Math.max(0, Math.min(hidden, above)));
  });
  useLayoutEffect(() => look(), [totalPx]);

  return {
    /** The row with this element id is about to open, or to close. */
    opening: (id: string) => {
      opened.current = { id, untilMs: performance.now() + settleMs };
    },
    /** The reader moves on: nothing may move the list under them. */
    leave: () => {
      opened.current = null;
    },
  };
}
