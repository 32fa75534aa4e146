import type { TimelineRow } from "../../../protocol/timeline.ts";
import { Icon } from "../../../shared/icon.tsx";
import { kindIcon } from "../glyphs.ts";
import { LineCounts } from "./counts.tsx";
import { FateMark } from "./fate-mark.tsx";
import { Redactions } from "./redactions.tsx";

type FoldRow = Extract<TimelineRow, { type: "fold" }>;

/** A run of steps of one kind in one row. */
export function FoldLine({ row, isOpen }: { readonly row: FoldRow; readonly isOpen: boolean }) {
  return (
    <>
      <Icon name={kindIcon(row.kind)} />
      <span className="label" title={row.detail ?? row.label} dir="auto">
        {row.label}
        {row.detail !== null && <span className="detail">{row.detail}</span>}
      </span>
      <span className="end">
        <Redactions count={row.redactions} />
        {row.failed > 0 && <span className="failed">{row.failed} failed</span>}
        <LineCounts added={row.added} deleted={row.deleted} />
        <FateMark fate={row.fate} />
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} />
      </span>
    </>
  );
}
