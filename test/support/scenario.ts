import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Home, homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { openKey } from "../../capture/bucket/key.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { adapters } from "../../capture/harness/registry.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import type { TrackedPatch, WhyAnswer } from "../../capture/model/answers.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { blame } from "../../capture/query/blame.ts";
import { Bucket } from "../../capture/query/bucket-views.ts";
import { RepoContext } from "../../capture/query/repo-context.ts";
import { track } from "../../capture/query/track.ts";
import { why } from "../../capture/query/why.ts";
import { Repo, type RepoOptions } from "./repo.ts";
import { repositoryState } from "./repository-state.ts";
import { ScenarioSession } from "./scenario-session.ts";

const op = quietOp();
const startMs = Date.UTC(2026, 0, 5, 9, 0, 0);
const stepMs = 10_000;

export interface ScenarioOptions extends RepoOptions {
  /** False: the repository is not compared around each doing of ours, for thousands of them. */
  readonly isWatched?: boolean;
}

/** A session of {@link Scenario} that the tests speak of by a letter. */
export interface SessionOptions {
  /** False: no hooks, so that only the transcript tells. */
  readonly hooks?: boolean;
  readonly cwd?: string;
}

/**
 * A repository, a person and agents: what they do goes through hooks, snapshots and ingest exactly
 * as in a real session, and the answers come from the queries.
 *
 * Invariant: whatever is ours leaves the repository byte-identical; {@link Scenario.broken} says
 * where it did not.
 */
export class Scenario implements AsyncDisposable {
  readonly repo: Repo;
  readonly home: Home;
  /** What we changed of the user's repository; empty as it should be. */
  readonly broken: string[] = [];
  /** The agents' sessions by the letter that names them. */
  readonly sessions = new Map<string, ScenarioSession>();
  readonly #dir: string;
  readonly #isWatched: boolean;
  readonly #letters = new Map<string, string>();
  #ingest!: Ingest;
  #nowMs = startMs;
  #spooled = 0;

  private constructor(dir: string, { isWatched = true, ...options }: ScenarioOptions) {
    const repo = new Repo(options);
    this.#dir = dir;
    this.#isWatched = isWatched;
    this.home = homeAt(join(dir, "home"));
    this.repo = repo;
  }

  static async open(options: ScenarioOptions = {}): Promise<Scenario> {
    const dir = mkdtempSync(join(tmpdir(), "ot-scenario-"));
    const scenario = new Scenario(dir, options);
    mkdirSync(scenario.home.spoolDir, { recursive: true });
    mkdirSync(join(dir, ".claude", "projects"), { recursive: true });
    scenario.#ingest = await scenario.#openIngest();
    return scenario;
  }

  #openIngest(): Promise<Ingest> {
    return Ingest.open({
      home: this.home,
      adapters,
      environment: { home: this.#dir, env: {} },
      consentOf: () => "on",
      clock: { nowMs: () => this.#nowMs },
    });
  }

  /** Capture ends, what can be made anew is lost, and capture begins again from what is kept. */
  async restart(): Promise<void> {
    await this.untouched("ending", () => this.#ingest[Symbol.asyncDispose]());
    rmSync(this.home.indexDir, { recursive: true, force: true });
    this.#ingest = await this.#openIngest();
  }

  /** The scenario's clock; every doing moves it on by ten seconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  tick(): number {
    this.#nowMs += stepMs;
    return this.#nowMs;
  }

  /** Starts a session; `letter` names it in owners, as in `A:1`. */
  async session(letter: string, options: SessionOptions = {}): Promise<ScenarioSession> {
    const number = String(this.#letters.size + 1).padStart(12, "0");
    const nativeId = `aaaaaaaa-bbbb-4ccc-8ddd-${number}`;
    this.#letters.set(traceIdOf("claude-code", nativeId), letter);
    const session = new ScenarioSession({
      nativeId,
      letter,
      cwd: options.cwd ?? this.repo.dir,
      projects: join(this.#dir, ".claude", "projects", "-scenario"),
      tick: () => this.tick(),
      hook: options.hooks === false ? null : (payload) => this.#hook(payload),
    });
    await session.start();
    this.sessions.set(letter, session);
    return session;
  }

  /** The user's own hand; the editor did not watch. */
  user(files: Readonly<Record<string, string | null>>): void {
    this.tick();
    for (const [name, content] of Object.entries(files)) {
      if (content === null) this.repo.remove(name);
      else this.repo.write(name, content);
    }
  }

  /** The user's own hand with the editor watching: what was typed, as 1-based line ranges. */
  types(file: string, content: string, ...ranges: readonly [number, number][]): Promise<void> {
    return this.#edits("typed", file, content, ranges);
  }

  /** The user's formatter with the editor watching: the lines that it changed. */
  formats(file: string, content: string, ...ranges: readonly [number, number][]): Promise<void> {
    return this.#edits("formatted", file, content, ranges);
  }

  async #edits(
    kind: "typed" | "formatted",
    file: string,
    content: string,
    ranges: readonly (readonly [number, number])[],
  ): Promise<void> {
    this.user({ [file]: content });
    const report = { root: this.repo.dir, path: file, kind, ranges, atMs: this.tick() };
    await this.#ingest.appendEditorEvent(op, report);
  }

  /** The user runs git, at the scenario's time. */
  git(...args: readonly string[]): string {
    return this.gitWith({}, ...args);
  }

  gitWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): string {
    const at = `${Math.floor(this.tick() / 1000)} +0000`;
    const now = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at, GIT_EDITOR: "true" };
    return this.repo.gitWith({ ...now, ...env }, ...args);
  }

  /** The user reorders or drops what the branch has beyond `onto`: commits by their subjects. */
  rebase(onto: string, ...todo: readonly (readonly [action: string, subject: string])[]): void {
    const lines = todo.map(([action, subject]) => `${action} ${this.#commitOf(subject)}`);
    const editor = join(this.#dir, "todo");
    writeFileSync(editor, `${lines.join("\n")}\n`);
    this.gitWith({ GIT_SEQUENCE_EDITOR: `cp ${editor}` }, "rebase", "--quiet", "-i", onto);
  }

  /** As {@link Scenario.git}, of a command that stops for a person to go on: a conflict. */
  gitStops(...args: readonly string[]): void {
    try {
      this.git(...args);
    } catch {
      return;
    }
    throw new Error(`git ${args.join(" ")} did not stop`);
  }

  /** The user commits everything; the full id. */
  commit(message = "A commit"): string {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message);
    return this.repo.git("rev-parse", "HEAD");
  }

  /** Takes in what the hooks dropped and the transcripts say. */
  async capture(): Promise<void> {
    await this.untouched("capture", () => this.#ingest.captureOnce(op));
  }

  /** Owners of a file's lines, one word each: `A:1`, `human`, `unknown`, `unknown(A:1,B:2)`. */
  async owners(path: string, rev?: string): Promise<string[]> {
    const question = { path, ...(rev === undefined ? {} : { rev }) };
    const answer = await this.#twice("blame", (context) => blame(op, context, question));
    return answer.lines.map(({ owner, trace, step, candidates }) => {
      if (owner === "step") return this.nameOf(trace, step);
      const named = candidates.map((candidate) => this.nameOf(candidate.trace, candidate.step));
      return named.length === 0 ? owner : `${owner}(${named.join(",")})`;
    });
  }

  /** What became of a session's patches, in words such as `1 a.txt alive 1 anchor E1`. */
  async fates(session: ScenarioSession, at?: string): Promise<string[]> {
    return (await this.patches(session, at)).map(({ step, path, state, anchors, flags }) =>
      `${step} ${path} ${state} ${anchors.length} ${[
        ...new Set(anchors.map((anchor) => anchor.class)),
        ...flags,
      ].join(" ")}`.trim(),
    );
  }

  async patches(session: ScenarioSession, at?: string): Promise<readonly TrackedPatch[]> {
    const trace = traceIdOf("claude-code", session.nativeId);
    const selected = { trace, agent: null, selection: { kind: "all" as const } };
    const request = { trace, selected, ...(at === undefined ? {} : { at }) };
    return (await this.#twice("track", (context) => track(op, context, request))).patches;
  }

  why(
    path: string,
    line: number,
    more: { rev?: string; unsaved?: { text: string } } = {},
  ): Promise<WhyAnswer> {
    return this.#twice("why", (context) => why(op, context, { path, line, ...more }));
  }

  /** A fresh context on this repository, for questions that have no short form here. */
  async context(dir = this.repo.dir): Promise<RepoContext> {
    const repository = await requireRepository(op, dir);
    return new RepoContext(repository, new Bucket(this.home, await openKey(this.home)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ingest[Symbol.asyncDispose]();
    this.repo[Symbol.dispose]();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 3 });
  }

  #commitOf(subject: string): string {
    return this.repo.git("log", "-1", "--format=%H", `--grep=^${subject}$`);
  }

  /** Asks twice, each time from nothing: the answer must be the same, the repository untouched. */
  async #twice<A>(what: string, ask: (context: RepoContext) => Promise<A>): Promise<A> {
    return this.untouched(what, async () => {
      const answers: A[] = [];
      for (let round = 0; round < 2; round += 1) {
        using context = await this.context();
        answers.push(await ask(context));
      }
      const [first, second] = answers;
      if (first === undefined || JSON.stringify(first) !== JSON.stringify(second)) {
        this.broken.push(`${what} answered twice, and differently`);
      }
      return first as A; // Safe: two rounds answered.
    });
  }

  async #hook(payload: Readonly<Record<string, unknown>>): Promise<void> {
    this.#spooled += 1;
    const order = String(this.#spooled).padStart(6, "0");
    const name = `${this.#nowMs}${order}-${this.#spooled}.claude-code.json`;
    writeFileSync(join(this.home.spoolDir, name), JSON.stringify(payload));
    await this.untouched("hook", () => this.#ingest.drainSpool(op));
  }

  /** Does something of ours, and notes in {@link Scenario.broken} what changed by it. */
  async untouched<A>(
    what: string,
    doing: () => Promise<A>,
    folder: string = this.repo.dir,
  ): Promise<A> {
    if (!this.#isWatched) return doing();
    const state = (): string => `${repositoryState(this.repo.dir)} ${repositoryState(folder)}`;
    const before = state();
    const answer = await doing();
    const isSame = state() === before;
    if (!isSame) this.broken.push(`${what} changed the repository`);
    return answer;
  }

  /** A step as the tests call it, such as `A:1`. */
  nameOf(trace: string | null, step: number | string | null): string {
    return `${this.#letters.get(trace ?? "") ?? "?"}:${step}`;
  }
}
