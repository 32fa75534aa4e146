import { type KeyboardEvent, type Ref, useImperativeHandle } from "react";

import { moveCursor } from "./cursor.ts";
import { keyAction } from "./keys.ts";
import { openRow, rowAt } from "./open-row.ts";
import { isOpenable, RowView, shownChildren } from "./row-view.tsx";
import {
  type ListProps,
  rowElementId,
  type TimelineList,
  useTimelineList,
} from "./use-timeline-list.ts";

export interface RowListHandle {
  goToRow(row: number): void;
  /** Selects a row, or a child of a group, which is opened for it, and takes the focus. */
  reveal(row: number, child: number): void;
  focus(): void;
}

interface Props extends ListProps {
  readonly ref: Ref<RowListHandle>;
  readonly onSearch: () => void;
}

/** The virtual list: one tab stop, a roving cursor, rows by the page, and a pill when it grows. */
export function RowList({ ref, ...props }: Props) {
  const list = useTimelineList(props);
  const { scroller, cursor, inView, follow } = list;
  const focus = () => scroller.current?.focus({ preventScroll: true });

  useImperativeHandle(ref, () => ({
    goToRow: (row) => list.goTo({ row, child: -1 }, "start"),
    reveal: (row, child) => {
      follow.stopFollowing();
      if (child >= 0) list.opened.openOnceLoaded(row);
      list.goTo({ row, child }, "center");
      focus();
    },
    focus,
  }));

  const isDrawn = cursor.row >= inView.first && cursor.row <= inView.last;
  return (
    <div className="list">
      <div
        ref={scroller}
        className="scroller"
        role="tree"
        tabIndex={0}
        aria-label="Steps of this session"
        aria-activedescendant={isDrawn ? rowElementId(cursor) : undefined}
        onKeyDown={(event) => onKeyDown(event, list, props)}
        onFocus={(event) => {
          // Who comes by the keyboard has to see where they are.
          const isByKey =
            event.target === event.currentTarget && event.target.matches(":focus-visible");
          if (isByKey) list.virtual.scrollToIndex(cursor.row, { align: "auto" });
        }}
        onWheel={list.leave}
        onScroll={() => {
          follow.onScroll();
          list.savePlace();
        }}
      >
        {props.head.rowCount === 0 && <p className="nothing">No step matches.</p>}
        <RowsInView {...props} list={list} />
      </div>
      {follow.newSteps > 0 && (
        <button className="pill" onClick={follow.goToEnd}>
          {follow.newSteps} new {follow.newSteps === 1 ? "step" : "steps"} ↓
        </button>
      )}
    </div>
  );
}

function RowsInView({ host, head, list }: ListProps & { readonly list: TimelineList }) {
  const { virtual, rows, cursor, opened } = list;
  return (
    <div className="rows" role="presentation" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ key, index, start }) => (
        <div
          key={key}
          ref={virtual.measureElement}
          data-index={index}
          className="row"
          role="presentation"
          style={{ transform: `translateY(${start}px)` }}
        >
          <RowView
            host={host}
            trace={head.trace}
            index={index}
            row={rows.get(index)}
            cursor={cursor.row === index ? cursor.child : null}
            open={opened.open}
            onToggle={(id, child) => list.toggle(id, { row: index, child })}
            onCursor={(child) => list.setCursor({ row: index, child })}
          />
        </div>
      ))}
    </div>
  );
}

function onKeyDown(event: KeyboardEvent, list: TimelineList, props: Omit<Props, "ref">): void {
  const action = keyAction(event);
  // Keys inside of an open row, such as those that scroll its output, are not the list's.
  if (action === null || event.target !== event.currentTarget) return;
  event.preventDefault();
  const { rows, cursor, opened } = list;
  const { host, head } = props;
  if (action.do === "search") return props.onSearch();
  if (action.do === "move") {
    const openChildren = (index: number) => shownChildren(rows.get(index), opened.open);
    const shape = { rowCount: head.rowCount, turnRows: head.turnRows, openChildren };
    return list.goTo(moveCursor(cursor, action.move, shape));
  }
  const row = rowAt(rows.get(cursor.row), cursor.child);
  if (row === undefined) return;
  const isOpened = action.do !== "toggle" && openRow(host, head.trace, row, action.do);
  if (!isOpened && isOpenable(row)) list.toggle(row.id, cursor);
}
