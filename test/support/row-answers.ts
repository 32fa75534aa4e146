import { silentLogger } from "../../capture/base/log.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import type { BlameAnswer, TrackAnswer, TrackedPatch } from "../../capture/model/answers.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { runOt } from "./cli-io.ts";
import type { Scenario } from "./scenario.ts";

/** What a row comes to. */
export interface Expected {
  /**
   * By path in the work tree, or `rev:path`: an owner a line, from the first one.
   *
   * `A:1` a step, `human`, `old` (older than any capture), `?` (no evidence), `?(A:1|B:1)` (these
   * could be it); `old*3` three of them in a row. Of a file without lines: the error code.
   */
  readonly owners: Readonly<Record<string, string>>;
  /**
   * By letter of the session, a patch each as of HEAD, such as
   * `1 a.txt transformed [partial] E2@Take it:3-4 by commit Change it`; `A@rev` as of another one.
   */
  readonly patches: Readonly<Record<string, readonly string[]>>;
  /** The same as of `main`; by default as of HEAD. */
  readonly onMain?: Readonly<Record<string, readonly string[]>>;
  /** Folder of another work tree or clone that is asked; by default the scenario's repository. */
  readonly in?: string;
}

/** What the doors said to all questions of a row, in words as {@link Expected} has them. */
export interface Answers extends Required<Omit<Expected, "in">> {
  /** Every answer as it was printed. */
  readonly printed: readonly string[];
}

/** Asks `ot` in this process, from nothing, everything that a row expects something of. */
export async function askAll(scenario: Scenario, expected: Expected): Promise<Answers> {
  const engine = await LocalEngine.open({
    log: silentLogger,
    home: scenario.home.root,
    env: { HOME: scenario.home.root },
  });
  try {
    const asker = new Asker(scenario, engine, expected.in ?? scenario.repo.dir);
    const owners: Record<string, string> = {};
    for (const name of Object.keys(expected.owners)) owners[name] = await asker.owners(name);
    const patches: Record<string, string[]> = {};
    const onMain: Record<string, string[]> = {};
    for (const name of Object.keys(expected.patches)) {
      const [letter = "", at] = name.split("@");
      patches[name] = await asker.patches(letter, at);
      if (at === undefined && asker.hasMain) onMain[letter] = await asker.patches(letter, "main");
    }
    return { owners, patches, onMain, printed: asker.printed };
  } finally {
    await engine.close();
  }
}

/** Words as they are written in a row, in the one form that answers have. */
export function inRuns(words: readonly string[]): string {
  const runs: { word: string; count: number }[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.count += 1;
    else runs.push({ word, count: 1 });
  }
  return runs.map(({ word, count }) => (count === 1 ? word : `${word}*${count}`)).join(" ");
}

export function unrolled(runs: string): string[] {
  return runs
    .split(" ")
    .filter((run) => run !== "")
    .flatMap((run) => {
      const [, word = run, count = "1"] = /^(.+)\*(\d+)$/u.exec(run) ?? [];
      return Array.from({ length: Number(count) }, () => word);
    });
}

/** Subjects of all commits that can still be found in a folder, by their id. */
function subjectsOf({ repo }: Scenario, folder: string): ReadonlyMap<string, string> {
  const listed = repo.git(
    "-C",
    folder,
    "--no-replace-objects",
    "log",
    "--all",
    "--reflog",
    "--format=%H %s",
  );
  const lines = listed.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.split(" ", 1)[0] ?? "", line.replace(/^\S+ /u, "")]));
}

class Asker {
  readonly printed: string[] = [];
  readonly hasMain: boolean;
  readonly #scenario: Scenario;
  readonly #engine: LocalEngine;
  readonly #subjects: ReadonlyMap<string, string>;

  readonly #folder: string;

  constructor(scenario: Scenario, engine: LocalEngine, folder: string) {
    this.#scenario = scenario;
    this.#engine = engine;
    this.#folder = folder;
    this.#subjects = subjectsOf(scenario, folder);
    const main = ["-C", folder, "rev-parse", "--verify", "--quiet", "refs/heads/main"];
    this.hasMain = this.#subjects.size > 0 && scenario.repo.find(...main) !== null;
  }

  async owners(name: string): Promise<string> {
    const [, rev, path = name] = /^([^:]+):(.+)$/u.exec(name) ?? [];
    const of = rev === undefined ? [] : ["--rev", rev];
    const answer = await this.#ask<BlameAnswer>("trail", "blame", ...of, "--", path);
    if (typeof answer === "string") return answer;
    return inRuns(answer.lines.map((line) => this.#ownerOf(line)));
  }

  async patches(letter: string, at?: string): Promise<string[]> {
    const session = this.#scenario.sessions.get(letter);
    const trace = traceIdOf("claude-code", session?.nativeId ?? letter);
    const tip = at === undefined ? [] : ["--at", at];
    const answer = await this.#ask<TrackAnswer>("trail", "track", trace, ...tip);
    if (typeof answer === "string") return [answer];
    return answer.patches.map((patch) => this.#fateOf(patch));
  }

  /** The answer as `--json` has it, or the code of the error. */
  async #ask<A>(...words: readonly string[]): Promise<A | string> {
    // The command would close it, and the next one open it again.
    const engine = new Proxy(this.#engine, {
      get: (target, name) => {
        if (name === "close") return async () => undefined;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const asked = [...words.slice(0, 2), "--json", ...words.slice(2)];
    const { out } = await runOt(asked, { engine, cwd: this.#folder, nowMs: this.#scenario.nowMs });
    this.printed.push(out);
    const { error, ...answer } = JSON.parse(out);
    return error === undefined ? answer : String(error.code);
  }

  #ownerOf(line: BlameAnswer["lines"][number]): string {
    const { owner, trace, step, candidates, evidence } = line;
    if (owner === "step") return this.#scenario.nameOf(trace, step);
    if (owner !== "unknown") return owner;
    if (evidence === "before-capture") return "old";
    const named = candidates.map((other) => this.#scenario.nameOf(other.trace, other.step));
    return named.length === 0 ? "?" : `?(${named.toSorted().join("|")})`;
  }

  #fateOf({ step, path, state, flags, anchors, by }: TrackedPatch): string {
    const parts = [String(step), path, state];
    if (flags.length > 0) parts.push(`[${flags.join(" ")}]`);
    for (const { class: evidence, commit, start, end } of anchors) {
      const subject = this.#subjects.get(commit) ?? "a commit that is nowhere";
      parts.push(`${evidence}@${subject}:${start === end ? start : `${start}-${end}`}`);
    }
    if (by !== null) parts.push(`by ${by.kind === "commit" ? this.#commit(by.id) : this.#who(by)}`);
    return parts.join(" ");
  }

  #commit(id: string | null): string {
    return `commit ${this.#subjects.get(id ?? "") ?? "that is nowhere"}`;
  }

  #who({ kind, id }: NonNullable<TrackedPatch["by"]>): string {
    const [, trace, step] = /^([a-z-]+:[^:]+):(.+)$/u.exec(id ?? "") ?? [];
    return trace === undefined ? kind : this.#scenario.nameOf(trace, step ?? null);
  }
}
