import { toModelPath } from "../paths.ts";

/** A run of lines that one commit is answerable for. Lines are 1-based. */
export interface BlameRun {
  readonly commit: string;
  /** First line now. */
  readonly line: number;
  readonly count: number;
  /** First line in that commit's version of the file. */
  readonly originLine: number;
  /** Path of the file in that commit. */
  readonly originPath: string;
}

export interface BlameCommit {
  readonly sha: string;
  readonly author: string;
  readonly authoredAtMs: number;
  readonly committedAtMs: number;
  readonly subject: string;
  /** The history is cut here (shallow clone) or begins here. */
  readonly boundary: boolean;
}

export interface Blame {
  readonly runs: readonly BlameRun[];
  readonly commits: ReadonlyMap<string, BlameCommit>;
}

interface Draft {
  sha: string;
  author: string;
  authoredAtMs: number;
  committedAtMs: number;
  subject: string;
  boundary: boolean;
  path: string;
}

const header = /^([0-9a-f]{40,64}) (\d+) (\d+)(?: (\d+))?$/;

/** Parses `git blame --porcelain`. */
export function parseBlame(stdout: Buffer): Blame {
  const drafts = new Map<string, Draft>();
  const runs: BlameRun[] = [];
  let now: Draft | undefined;
  let open: Omit<BlameRun, "originPath"> | undefined;

  for (const line of stdout.toString("latin1").split("\n")) {
    if (line.startsWith("\t")) {
      // Content follows what is said of it, so the path of the run is known only here.
      if (open !== undefined && now !== undefined) runs.push({ ...open, originPath: now.path });
      open = undefined;
      continue;
    }
    const found = header.exec(line);
    if (found !== null) {
      const [, sha = "", originLine, finalLine, count] = found;
      now = drafts.get(sha) ?? emptyDraft(sha);
      drafts.set(sha, now);
      if (count !== undefined) {
        open = {
          commit: sha,
          line: Number(finalLine),
          count: Number(count),
          originLine: Number(originLine),
        };
      }
    } else if (now !== undefined) {
      learn(now, line);
    }
  }
  return { runs, commits: new Map(drafts) };
}

function emptyDraft(sha: string): Draft {
  return {
    sha,
    author: "",
    authoredAtMs: 0,
    committedAtMs: 0,
    subject: "",
    boundary: false,
    path: "",
  };
}

function learn(draft: Draft, line: string): void {
  const space = line.indexOf(" ");
  const key = space < 0 ? line : line.slice(0, space);
  const value = space < 0 ? "" : line.slice(space + 1);
  if (key === "author") draft.author = text(value);
  else if (key === "author-time") draft.authoredAtMs = Number(value) * 1000;
  else if (key === "committer-time") draft.committedAtMs = Number(value) * 1000;
  else if (key === "summary") draft.subject = text(value);
  else if (key === "boundary") draft.boundary = true;
  else if (key === "filename") draft.path = unquote(value);
}

function text(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
};

/** Undoes git's C-style quoting of a path, which `blame` has no `-z` to avoid. */
function unquote(value: string): string {
  if (!value.startsWith('"')) return toModelPath(value);
  const bytes = value
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
  return toModelPath(bytes);
}
