import { type RefObject, useEffectEvent, useLayoutEffect, useRef, useState } from "react";

import type { TimelineHead } from "../../protocol/timeline.ts";

/** Pixels from the end that still count as being there. */
const endSlackPx = 40;

interface Options {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly head: TimelineHead;
  /** Height of all rows as far as it is known. */
  readonly totalPx: number;
  readonly startsAtEnd: boolean;
}

/**
 * Keeps the end of a growing session in view while the reader is there, and counts what is new
 * otherwise. Never moves a list that the reader has scrolled away from its end.
 */
export function useFollowEnd({ scroller, head, totalPx, startsAtEnd }: Options) {
  const follows = useRef(startsAtEnd);
  const lastTop = useRef(0);
  const [seenSteps, setSeenSteps] = useState(head.stepCount);

  const toEnd = () => {
    const element = scroller.current;
    element?.scrollTo(0, element.scrollHeight);
  };
  const stay = useEffectEvent(() => {
    const element = scroller.current;
    const isWholeInView = element !== null && element.scrollHeight <= element.clientHeight;
    if (!follows.current && !isWholeInView) return;
    setSeenSteps(head.stepCount);
    toEnd();
  });
  // Rows get their true height after they are drawn, so the end moves with the height too.
  useLayoutEffect(() => stay(), [head.version, head.stepCount, head.rowCount, totalPx]);

  return {
    isFollowing: () => follows.current,
    stopFollowing: () => {
      follows.current = false;
    },
    newSteps: Math.max(0, head.stepCount - seenSteps),
    goToEnd: () => {
      follows.current = true;
      setSeenSteps(head.stepCount);
      toEnd();
    },
    onScroll: () => {
      const element = scroller.current;
      if (element === null) return;
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isAtEnd = scrollHeight - scrollTop - clientHeight <= endSlackPx;
      // Only a way up is a reader who leaves: a list that grew is away from its end by itself.
      if (isAtEnd) follows.current = head.live;
      else if (scrollTop < lastTop.current) follows.current = false;
      lastTop.current = scrollTop;
      if (isAtEnd) setSeenSteps(head.stepCount);
    },
  };
}
