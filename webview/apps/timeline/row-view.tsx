import { plural } from "../../../capture/base/words.ts";
import type { MouseEvent } from "react";

import type { StepRow, TimelineContract, TimelineRow } from "../../protocol/timeline.ts";
import type { Host } from "../../shared/host.ts";
import { openRow } from "./open-row.ts";
import { rowWords } from "./row-words.ts";
import { ChangeLine } from "./rows/change-line.tsx";
import { Details } from "./rows/details.tsx";
import { FoldLine } from "./rows/fold-line.tsx";
import { CommitLine, CompactionLine } from "./rows/separators.tsx";
import { StepLine } from "./rows/step-line.tsx";
import { SubagentLine } from "./rows/subagent-line.tsx";
import { TurnCard } from "./rows/turn-card.tsx";
import { rowElementId } from "./use-timeline-list.ts";

interface Props {
  readonly host: Host<TimelineContract>;
  readonly trace: string;
  readonly index: number;
  readonly row: TimelineRow | undefined;
  /** The child under the cursor, -1 for the row itself, null if the cursor is elsewhere. */
  readonly cursor: number | null;
  readonly open: ReadonlySet<string>;
  readonly onToggle: (id: string, child: number) => void;
  readonly onCursor: (child: number) => void;
}

/** Children of one group that are drawn at once; a long sub-agent is opened in parts. */
const childrenPart = 200;

/** Id under which the set of open rows notes that all children of a group are shown. */
function allOf(row: TimelineRow): string {
  return `${row.id}/all`;
}

/** How many children of a row are in view; 0 for a closed group and for every other row. */
export function shownChildren(row: TimelineRow | undefined, open: ReadonlySet<string>): number {
  if (row === undefined || !("children" in row) || !open.has(row.id)) return 0;
  const { length } = row.children;
  return open.has(allOf(row)) ? length : Math.min(length, childrenPart);
}

/** Whether there is anything to see below a row that its line does not say. */
export function isOpenable(row: TimelineRow): boolean {
  return row.type !== "commit" && row.type !== "change" && row.type !== "compaction";
}

export function RowView(props: Props) {
  const { row, index, cursor, open } = props;
  if (row === undefined) return <div className="line placeholder" aria-hidden="true" />;

  const isOpen = open.has(row.id);
  const shown = shownChildren(row, open);
  return (
    <>
      <div
        id={rowElementId({ row: index, child: -1 })}
        role="treeitem"
        aria-level={row.type === "turn" ? 1 : 2}
        aria-label={rowWords(row)}
        aria-selected={cursor === -1}
        aria-expanded={isOpenable(row) ? isOpen : undefined}
        className={classes(row, cursor === -1)}
        {...mouse(props, row, -1)}
      >
        <Line row={row} isOpen={isOpen} />
      </div>
      {isOpen && row.type === "step" && <Details {...props} row={row} />}
      {shown > 0 && "children" in row && (
        <div role="group" className="children">
          {row.children.slice(0, shown).map((child, i) => (
            <Child key={child.id} {...props} child={child} position={i} />
          ))}
          {shown < row.children.length && (
            <button className="link more" onClick={() => props.onToggle(allOf(row), -1)}>
              Show {plural(row.children.length - shown, "more step")}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function Child(props: Props & { readonly child: StepRow; readonly position: number }) {
  const { child, position, index, cursor, open } = props;
  const isOpen = open.has(child.id);
  return (
    <>
      <div
        id={rowElementId({ row: index, child: position })}
        role="treeitem"
        aria-level={3}
        aria-label={rowWords(child)}
        aria-selected={cursor === position}
        aria-expanded={isOpen}
        className={classes(child, cursor === position)}
        {...mouse(props, child, position)}
      >
        <StepLine row={child} />
      </div>
      {isOpen && <Details {...props} row={child} />}
    </>
  );
}

/** A click expands in place, a double click opens; marking text with the mouse does neither. */
function mouse(props: Props, row: TimelineRow, child: number) {
  return {
    onClick: (event: MouseEvent) => {
      props.onCursor(child);
      const isFirst = event.detail < 2;
      if (isFirst && isOpenable(row) && !isMarkingText()) props.onToggle(row.id, child);
    },
    onDoubleClick: () => openRow(props.host, props.trace, row, "open"),
  };
}

function isMarkingText(): boolean {
  return window.getSelection()?.type === "Range";
}

function Line({ row, isOpen }: { readonly row: TimelineRow; readonly isOpen: boolean }) {
  switch (row.type) {
    case "turn":
      return <TurnCard row={row} isOpen={isOpen} />;
    case "step":
      return <StepLine row={row} />;
    case "fold":
      return <FoldLine row={row} isOpen={isOpen} />;
    case "subagent":
      return <SubagentLine row={row} isOpen={isOpen} />;
    case "commit":
      return <CommitLine row={row} />;
    case "compaction":
      return <CompactionLine row={row} />;
    case "change":
      return <ChangeLine row={row} />;
  }
}

function classes(row: TimelineRow, isSelected: boolean): string {
  const all = [row.type === "turn" ? "card" : "line", row.type];
  if (isSelected) all.push("selected");
  if (row.type === "step" && row.dimmed) all.push("dim");
  return all.join(" ");
}
