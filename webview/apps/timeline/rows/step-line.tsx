import type { StepRow } from "../../../protocol/timeline.ts";
import { duration } from "../../../shared/format.ts";
import { Icon } from "../../../shared/icon.tsx";
import { useNow } from "../../../shared/use-now.ts";
import { kindIcon } from "../glyphs.ts";
import { LineCounts } from "./counts.tsx";
import { FateMark } from "./fate-mark.tsx";
import { Redactions } from "./redactions.tsx";

/** One step, never longer than its row. */
export function StepLine({ row }: { readonly row: StepRow }) {
  return (
    <>
      <Icon name={kindIcon(row.kind)} />
      <span
        className={row.kind === "command" ? "label code" : "label"}
        title={row.label}
        dir="auto"
      >
        <Label row={row} />
        {row.detail !== null && <span className="detail">{row.detail}</span>}
      </span>
      <span className="end">
        <Redactions count={row.redactions} />
        <Result row={row} />
        <LineCounts added={row.added} deleted={row.deleted} />
        <FateMark fate={row.fate} />
      </span>
    </>
  );
}

/** Of a path, the folders go first where there is no room: the name says what it is. */
function Label({ row: { label, path } }: { readonly row: StepRow }) {
  const at = label.lastIndexOf("/") + 1;
  if (label !== path || at === 0) return label;
  return (
    <>
      <span className="folders">{label.slice(0, at)}</span>
      {label.slice(at)}
    </>
  );
}

function Result({ row }: { readonly row: StepRow }) {
  const nowMs = useNow(row.running);
  if (row.running) return <span className="dim">{runningWords(row, nowMs)}</span>;
  const words: string[] = [];
  if (row.exitCode !== null) words.push(`exit ${row.exitCode}`);
  else if (row.failed) words.push("failed");
  const showsTime = row.kind === "command" || row.failed;
  if (showsTime && row.durationMs !== null && row.durationMs >= 1_000) {
    words.push(duration(row.durationMs));
  }
  const [outcome, took] = words;
  if (outcome === undefined) return null;
  return (
    <span className={row.failed ? "failed" : "passed"}>
      {outcome}
      {took !== undefined && <span className="took"> · {took}</span>}
    </span>
  );
}

function runningWords({ atMs }: StepRow, nowMs: number): string {
  const seconds = atMs === null ? 0 : Math.floor((nowMs - atMs) / 1_000);
  if (seconds < 1) return "running";
  return `running ${seconds < 60 ? `${seconds} s` : duration(seconds * 1_000)}`;
}
