import type { TimelineRow } from "../../../protocol/timeline.ts";
import { count } from "../../../shared/format.ts";
import { Icon } from "../../../shared/icon.tsx";
import { ownLines } from "../row-words.ts";

type CommitRow = Extract<TimelineRow, { type: "commit" }>;
type CompactionRow = Extract<TimelineRow, { type: "compaction" }>;

const shaChars = 8;

/** A commit: its subject, and how much of it this session wrote. */
export function CommitLine({ row }: { readonly row: CommitRow }) {
  return (
    <>
      <Icon name="git-commit" />
      <span className="commit-words">
        <span className="code">{row.sha.slice(0, shaChars)}</span> <bdi>{row.subject}</bdi>
        {row.lines.added > 0 && ` · ${ownLines(row.lines)}`}
      </span>
    </>
  );
}

export function CompactionLine({ row }: { readonly row: CompactionRow }) {
  const sizes =
    row.tokensBefore === null || row.tokensAfter === null
      ? ""
      : ` ${count(row.tokensBefore)} → ${count(row.tokensAfter)}`;
  return <span className="compaction-words">context compacted{sizes}</span>;
}
