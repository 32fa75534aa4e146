import { plural } from "../../../../capture/base/words.ts";
import type { TimelineRow } from "../../../protocol/timeline.ts";
import { Icon } from "../../../shared/icon.tsx";
import { kindIcon } from "../glyphs.ts";

type SubagentRow = Extract<TimelineRow, { type: "subagent" }>;

export function SubagentLine(props: { readonly row: SubagentRow; readonly isOpen: boolean }) {
  const { row, isOpen } = props;
  return (
    <>
      <Icon name={kindIcon("subagent")} />
      <span className="label" title={row.label} dir="auto">
        Sub-agent: {row.label}
        <span className="detail">{plural(row.steps, "step")}</span>
      </span>
      <span className="end">
        {row.running && <span className="dim">running</span>}
        {row.failed && <span className="failed">failed</span>}
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} />
      </span>
    </>
  );
}
