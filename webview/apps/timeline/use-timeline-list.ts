import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";

import type { TimelineContract, TimelineHead } from "../../protocol/timeline.ts";
import type { Host } from "../../shared/host.ts";
import type { Cursor } from "./cursor.ts";
import { useCursor } from "./use-cursor.ts";
import { useFollowEnd } from "./use-follow-end.ts";
import { useOpenRows } from "./use-open-rows.ts";
import { useOpenedInView } from "./use-opened-in-view.ts";
import { useRows } from "./use-rows.ts";
import { useSavedPlace } from "./use-saved-place.ts";
import { isWhole, type View, type ViewMemory } from "./view-memory.ts";

const rowHeight = 24;
/** A card with one line of words. */
const cardHeight = 62;
/** Rows that come in and are measured move the target for this long after a jump. */
const settleMs = 500;
const atTop: Cursor = { row: 0, child: -1 };

type Align = "auto" | "start" | "center";

interface Jump {
  readonly row: number;
  readonly align: Align;
  readonly untilMs: number;
}

/** Id of the element of a row; of a child in an open group. */
export function rowElementId({ row, child }: Cursor): string {
  return `row-${row}-${child}`;
}

const noJump: Jump = { row: 0, align: "auto", untilMs: 0 };

export interface ListProps {
  readonly host: Host<TimelineContract>;
  readonly memory: ViewMemory;
  readonly head: TimelineHead;
  readonly view: View;
}

/** All that moves in the list: its rows, what is in view, where the focus is, what is open. */
export function useTimelineList({ host, memory, head, view }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [saved] = useState(() => memory.placeIn(head.trace));
  // A filter begins at its top; without one the list is where it was left.
  const place = isWhole(view) ? saved : null;
  const rows = useRows(host, head, view);
  const { cursor, setCursor } = useCursor(rows, place?.cursor ?? atTop);
  const opened = useOpenRows(rows, saved?.open ?? []);
  const virtual = useVirtualizer({
    count: head.rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows.get(index)?.type === "turn" ? cardHeight : rowHeight),
    overscan: 12,
    // Something to draw before the first measurement.
    initialRect: { width: 300, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const inView = { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 };
  const { want } = rows;
  useEffect(() => want(inView.first, inView.last), [want, inView.first, inView.last]);
  const totalPx = virtual.getTotalSize();
  const openedInView = useOpenedInView(scroller, totalPx);
  const follow = useFollowEnd({
    scroller,
    head,
    totalPx,
    startsAtEnd: head.live && (place?.follows ?? isWhole(view)),
  });
  const goBack = useEffectEvent(() => {
    if (place === null || follow.isFollowing()) return;
    virtual.scrollToIndex(Math.min(place.topRow, head.rowCount - 1), { align: "start" });
  });
  useLayoutEffect(() => goBack(), []);

  const savePlace = useSavedPlace(isWhole(view) ? memory : null, () => ({
    trace: head.trace,
    topRow: virtual.getVirtualItemForOffset(virtual.scrollOffset ?? 0)?.index ?? 0,
    follows: follow.isFollowing(),
    cursor,
    open: [...opened.open],
  }));
  useEffect(() => savePlace(), [savePlace, cursor, opened.open]);

  const jumpTo = useJump(virtual, totalPx);
  const goTo = (next: Cursor, align: Align = "auto") => {
    setCursor(next);
    openedInView.leave();
    jumpTo(next.row, align);
  };
  /** Opens or closes the row under the cursor, or the child of a group. */
  const toggle = (id: string, at: Cursor) => {
    openedInView.opening(rowElementId(at));
    opened.toggle(id);
  };
  const { leave } = openedInView;
  const moves = { follow, savePlace, goTo, toggle, leave };
  return { scroller, rows, virtual, inView, cursor, setCursor, opened, ...moves };
}

interface Scrolling {
  scrollToIndex(index: number, options: { readonly align: Align }): void;
}

/** Scrolls to a row, and once more while rows about it come in and are measured. */
function useJump(virtual: Scrolling, totalPx: number): (row: number, align: Align) => void {
  const jump = useRef<Jump>(noJump);
  const jumpAgain = useEffectEvent(() => {
    const { row, align, untilMs } = jump.current;
    if (performance.now() < untilMs) virtual.scrollToIndex(row, { align });
  });
  useEffect(() => jumpAgain(), [totalPx]);
  return (row, align) => {
    jump.current = { row, align, untilMs: performance.now() + settleMs };
    virtual.scrollToIndex(row, { align });
  };
}

export type TimelineList = ReturnType<typeof useTimelineList>;
