import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { openKey } from "../../capture/bucket/key.ts";
import { readCommit } from "../../capture/git/history.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { addedLines } from "../../capture/query/added-lines.ts";
import { blameCommit } from "../../capture/query/blame-commit.ts";
import { Bucket } from "../../capture/query/bucket-views.ts";
import { changesOfAll } from "../../capture/query/commit-history.ts";
import { findInCommit } from "../../capture/query/file-content.ts";
import { RepoContext } from "../../capture/query/repo-context.ts";
import { diffLines, newIndexOf } from "../../capture/trail/line-diff.ts";
import { Dice } from "./made-code.ts";
import { madeHistory, type MadeCommit, type MadeHistory } from "./made-history.ts";
import { textOf } from "./made-transcript.ts";
import { Repo } from "./repo.ts";

/** How well the sessions behind the commits of a made history were found. */
export interface BlamedHistory {
  readonly commits: number;
  readonly sessions: number;
  /** Share of commits whose first trace is the one that wrote most of it. */
  readonly firstShare: number;
  /** Share of the lines that sessions wrote, which are credited to a step. */
  readonly explainedShare: number;
  /** Share of all credited lines that another session wrote, or nobody. */
  readonly wrongShare: number;
  readonly importMs: number;
  readonly msPerCommit: number;
  /** What went wrong, for a person who looks. */
  readonly notes: readonly string[];
}

/** Makes a history, imports its transcripts into an empty home, and asks about every commit. */
export async function blamedHistory(options: {
  readonly seed: number;
  readonly commits: number;
}): Promise<BlamedHistory> {
  const history = madeHistory(options);
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ot-made-")));
  using repo = new Repo();
  try {
    const shas = writeHistory(repo, history.commits);
    writeTranscripts(join(dir, "transcripts"), history, new Dice(options.seed));
    const home = homeAt(join(dir, "home"));
    const beganMs = performance.now();
    const environment = { home: dir, env: {} };
    const consentOf = () => "unasked" as const;
    await using ingest = await Ingest.open({ home, adapters, environment, consentOf });
    await ingest.importPaths(quietOp(), { paths: [join(dir, "transcripts")] });
    const importMs = performance.now() - beganMs;
    const key = await openKey(home);
    using context = new RepoContext(
      await requireRepository(quietOp(), repo.dir),
      new Bucket(home, key),
    );
    const tally = new Tally(context);
    for (const [at, commit] of history.commits.entries()) {
      if (at > 0) await tally.add(commit, shas[at] ?? "");
    }
    return { ...tally.result(), sessions: history.sessions.length, importMs };
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Lines by which the beginning of a hunk may slide over equal ones. */
const slideMax = 14;

class Tally {
  readonly #context: RepoContext;
  readonly #notes: string[] = [];
  readonly #sums = { commits: 0, first: 0, agent: 0, explained: 0, credited: 0, wrong: 0, ms: 0 };

  constructor(context: RepoContext) {
    this.#context = context;
  }

  async add(commit: MadeCommit, sha: string): Promise<void> {
    const op = quietOp();
    const beganMs = performance.now();
    const { commits } = await blameCommit(op, this.#context, { rev: sha });
    this.#sums.ms += performance.now() - beganMs;
    const wrote = new Map<string, number>();
    for (const change of (await changesOfAll(op, this.#context, [sha])).get(sha) ?? []) {
      const info = await readCommit(op, this.#context.repository, sha);
      if (info === null) continue;
      const owners = await addedLines(op, this.#context, info, change);
      const truth = await this.#truth(commit, sha, change.path);
      // Which of two equal lines beside each other is the new one, a diff cannot tell.
      const whole = commit.files.get(change.path) ?? [];
      const near = (at: number, text: string): readonly (string | null)[] => {
        const place = truth[at] === undefined ? 0 : whole.indexOf(truth[at]);
        return whole
          .slice(Math.max(0, place - slideMax), place + slideMax)
          .filter((line) => line.text === text)
          .map(({ by }) => (by === null ? null : `claude-code:${by}`));
      };
      truth.forEach(({ by, text }, at) => {
        const owner = owners[at]?.owner;
        const found = owner?.step?.trace ?? null;
        const right = by === null ? null : `claude-code:${by}`;
        if (right !== null) {
          wrote.set(right, (wrote.get(right) ?? 0) + 1);
          this.#sums.agent += 1;
          if (found !== null) this.#sums.explained += 1;
          else this.#note(`unexplained ${owner?.kind} ${commit.subject} ${change.path}: ${text}`);
        }
        if (found === null) return;
        this.#sums.credited += 1;
        if (found === right || near(at, text).includes(found)) return;
        this.#sums.wrong += 1;
        this.#note(`wrong ${commit.subject} ${change.path}: ${text} (${found}, not ${right})`);
      });
    }
    if (wrote.size === 0) return;
    this.#sums.commits += 1;
    const most = Math.max(...commit.workers.map((id) => wrote.get(`claude-code:${id}`) ?? 0));
    const first = commits[0]?.traces[0]?.id;
    const isWorker = commit.workers.some((id) => first === `claude-code:${id}`);
    if (first !== undefined && isWorker && wrote.get(first) === most) this.#sums.first += 1;
    else this.#note(`first ${commit.subject}: ${first}, not ${JSON.stringify([...wrote])}`);
  }

  result(): Omit<BlamedHistory, "sessions" | "importMs"> {
    const { commits, first, agent, explained, credited, wrong, ms } = this.#sums;
    return {
      commits,
      firstShare: first / commits,
      explainedShare: explained / agent,
      wrongShare: wrong / credited,
      msPerCommit: ms / commits,
      notes: this.#notes,
    };
  }

  async #truth(commit: MadeCommit, sha: string, path: string) {
    const op = quietOp();
    const before = await findInCommit(op, this.#context, { sha: `${sha}^`, path });
    const lines = commit.files.get(path) ?? [];
    const hunks = diffLines(
      before?.lines ?? [],
      lines.map(({ text }) => text),
    );
    return hunks.flatMap((hunk) => lines.slice(newIndexOf(hunk), newIndexOf(hunk) + hunk.newLines));
  }

  #note(text: string): void {
    this.#notes.push(text);
  }
}

/** Commits all at once; their full ids in order. */
function writeHistory(repo: Repo, commits: readonly MadeCommit[]): string[] {
  const parts: string[] = [];
  for (const { subject, atMs, files } of commits) {
    const who = `A. Person <person@example.org> ${Math.floor(atMs / 1000)} +0000`;
    parts.push(`commit refs/heads/main\nauthor ${who}\ncommitter ${who}\n`);
    parts.push(`data ${Buffer.byteLength(subject)}\n${subject}\n`);
    for (const [path, lines] of files) {
      const text = textOf(lines.map((line) => line.text));
      parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    }
  }
  repo.feed(Buffer.from(parts.join("")), "fast-import", "--quiet");
  repo.git("reset", "--quiet", "--hard", "main");
  return repo.git("rev-list", "--reverse", "main").split("\n");
}

/** As people publish them: some as the client names them, some numbered, some more than once. */
function writeTranscripts(dir: string, { sessions }: MadeHistory, dice: Dice): void {
  for (const [at, { id, lines }] of sessions.entries()) {
    const folder = `${id.slice(0, 2)}/${id.slice(2, 10)}`;
    const isNamed = dice.chance(0.4);
    const name = isNamed ? `-Users-ada-work-shop/${id}.jsonl` : `${folder}/${at % 2}/full.jsonl`;
    const put = (path: string, kept: readonly string[]): void => {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), kept.map((line) => `${line}\n`).join(""));
    };
    put(name, lines);
    // An earlier look at the same session.
    if (dice.chance(0.2)) put(`${folder}/a/full.jsonl`, lines.slice(0, lines.length >> 1));
  }
}
