import type { TimelineRow } from "../../../protocol/timeline.ts";
import { Icon } from "../../../shared/icon.tsx";
import { changeWords } from "../row-words.ts";
import { LineCounts } from "./counts.tsx";

type ChangeRow = Extract<TimelineRow, { type: "change" }>;

const icons = { human: "person", formatter: "wand", unknown: "question" } as const;

/** What changed between the agent's windows, in its place, dimmed. */
export function ChangeLine({ row }: { readonly row: ChangeRow }) {
  return (
    <>
      <Icon name={icons[row.by]} />
      <span className="label" title={row.path}>
        {changeWords(row.by, row.path)}
      </span>
      <span className="end">
        <LineCounts added={row.added} deleted={row.deleted} />
      </span>
    </>
  );
}
