/** What is told of a commit. Times are Unix milliseconds. */
export interface CommitInfo {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly author: string;
  readonly authoredAtMs: number;
  readonly committedAtMs: number;
  readonly subject: string;
}

/** `git log` format that {@link parseLog} reads; use with `-z`. */
export const logFormat = "%H%x1f%P%x1f%T%x1f%at%x1f%ct%x1f%an%x1f%s";

/** Parses the output of `git log -z --format=`{@link logFormat}. */
export function parseLog(stdout: Buffer): CommitInfo[] {
  return stdout
    .toString("utf8")
    .split("\0")
    .filter((record) => record.includes("\x1f"))
    .map(commitOf);
}

function commitOf(record: string): CommitInfo {
  const [sha = "", parents = "", tree = "", authored, committed, author = "", ...subject] =
    record.split("\x1f");
  return {
    sha: sha.trim(),
    parents: parents === "" ? [] : parents.split(" "),
    tree,
    author,
    authoredAtMs: Number(authored) * 1000,
    committedAtMs: Number(committed) * 1000,
    subject: subject.join("\x1f"),
  };
}
