import { plural } from "../../../../capture/base/words.ts";
import type { TimelineRow } from "../../../protocol/timeline.ts";
import { clockTimeWithSeconds, count } from "../../../shared/format.ts";
import { Redactions } from "./redactions.tsx";

type TurnRow = Extract<TimelineRow, { type: "turn" }>;

/** The words a person wrote; the headline of everything below it. */
export function TurnCard({ row, isOpen }: { readonly row: TurnRow; readonly isOpen: boolean }) {
  return (
    <>
      <div className={isOpen ? "prompt whole" : "prompt"}>{row.text}</div>
      {row.approves !== null && (
        <div className="approves" dir="auto">
          approves: {row.approves}
        </div>
      )}
      <div className="card-foot">
        <span>
          {row.turn + 1}
          {row.atMs !== null && ` · ${clockTimeWithSeconds(row.atMs)}`}
          {row.copied && " · copied from another session"}
          {row.abandoned && " · rewound"}
          <Redactions count={row.redactions} />
        </span>
        <span>{row.running ? "running…" : summary(row)}</span>
      </div>
    </>
  );
}

function summary(row: TurnRow): string {
  const parts = [plural(row.steps, "step")];
  if (row.tokens.input > 0) parts.push(`${count(row.tokens.input)} in`);
  if (row.tokens.output > 0) parts.push(`${count(row.tokens.output)} out`);
  return parts.join(" · ");
}
