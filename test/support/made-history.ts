import {
  Dice,
  madeCase,
  madeFile,
  madeFunction,
  madeTest,
  nameOf,
  statement,
} from "./made-code.ts";
import { type ClientStyle, type MadeChange, MadeTranscript, uuidOf } from "./made-transcript.ts";

/** A line with the session that wrote it; null for what no session wrote. */
export interface MadeLine {
  readonly text: string;
  readonly by: string | null;
}

/** A commit with the whole content of each path it changed. */
export interface MadeCommit {
  readonly subject: string;
  readonly atMs: number;
  /** The sessions that worked for it, by native id. */
  readonly workers: readonly string[];
  readonly files: ReadonlyMap<string, readonly MadeLine[]>;
}

export interface MadeHistory {
  readonly commits: readonly MadeCommit[];
  readonly sessions: readonly MadeTranscript[];
}

const minute = 60_000;
const hour = 60 * minute;
const beginMs = Date.parse("2025-06-02T08:00:00Z");
const folders = ["src/orders", "src/cart", "packages/core/src", "packages/web/src", "tools"];

/** Clones on three machines, linked work trees, and sessions that ran above or below the root. */
const places: readonly Pick<ClientStyle, "root" | "cwd">[] = [
  { root: "/Users/ada/work/shop", cwd: "/Users/ada/work/shop" },
  { root: "/home/bob/src/shop-app", cwd: "/home/bob/src/shop-app" },
  { root: "/Users/ada/work/shop/.worktrees/fix-12", cwd: "/Users/ada/work/shop/.worktrees/fix-12" },
  { root: "/Users/eve/conductor/shop/lima", cwd: "/Users/eve/conductor/shop" },
  { root: "/home/bob/src/shop-app", cwd: "/home/bob/src/shop-app/packages/core" },
  { root: "/Users/REDACTED/shop", cwd: "/Users/REDACTED/shop" },
];

/**
 * The history of a repository that sessions without snapshots made, among people's own edits,
 * formatters, failures and dead ends, with the writer of each line known. The same for a seed.
 */
export function madeHistory(options: {
  readonly seed: number;
  readonly commits: number;
}): MadeHistory {
  return new Story(options.seed).tell(options.commits);
}

class Story {
  readonly #dice: Dice;
  readonly #files = new Map<string, readonly MadeLine[]>();
  readonly #commits: MadeCommit[] = [];
  readonly #sessions: MadeTranscript[] = [];
  #workers: string[] = [];
  #touched = new Set<string>();
  #atMs = beginMs;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  tell(commits: number): MadeHistory {
    for (let count = 0; count < 8; count += 1) this.#human(this.#newPath(), madeFile(this.#dice));
    this.#commit("Begin");
    while (this.#commits.length <= commits) this.#tellCommit();
    return { commits: this.#commits, sessions: this.#sessions };
  }

  #tellCommit(): void {
    const dice = this.#dice;
    this.#wait(hour * (1 + dice.below(30)));
    const writers = dice.chance(0.12) ? 2 : 1;
    for (let count = 0; count < writers; count += 1) this.#work(this.#session());
    if (dice.chance(0.12)) this.#humanEdit();
    if (dice.chance(0.12)) this.#format();
    if (dice.chance(0.25)) this.#look();
    const wait = dice.chance(0.5) ? 2 * minute : hour * (1 + dice.below(40));
    this.#wait(wait);
    this.#commit(`Change ${this.#commits.length}`);
  }

  #session(): MadeTranscript {
    const dice = this.#dice;
    const last = this.#sessions.at(-1);
    const outcomes = dice.chance(0.6) ? "whole" : "none";
    const version = dice.of(["1.0.44", "1.0.120", "2.0.14", "2.1.197"]);
    const style = { ...dice.of(places), version, outcomes } as const;
    const made = new MadeTranscript(dice, style, uuidOf(dice), this.#atMs);
    if (last !== undefined && dice.chance(0.06)) {
      const resumed = new MadeTranscript(dice, last.style, made.id, this.#atMs);
      resumed.copy(last);
      this.#sessions.push(resumed);
      return resumed;
    }
    this.#sessions.push(made);
    return made;
  }

  #work(session: MadeTranscript): void {
    const dice = this.#dice;
    this.#workers.push(session.id);
    session.prompt(`Please ${nameOf(dice)} and then ${nameOf(dice)}.`);
    for (let count = 2 + dice.below(5); count > 0; count -= 1) {
      if (dice.chance(0.2)) this.#create(session);
      else this.#change(session);
      if (dice.chance(0.08)) this.#deadEnd(session);
    }
    if (dice.chance(0.5)) session.bash("npm test", "12 passed");
    this.#atMs = Math.max(this.#atMs, session.atMs);
  }

  #create(session: MadeTranscript): void {
    const dice = this.#dice;
    const path = this.#newPath();
    const isTest = path.includes(".test.");
    const texts = isTest ? madeTest(dice, `./${path.split("/").at(-1)}`) : madeFile(dice);
    const form = dice.chance(0.25) ? "heredoc" : "write";
    this.#apply(session, { path, before: null, after: texts, form });
  }

  #change(session: MadeTranscript): void {
    const dice = this.#dice;
    const path = dice.of([...this.#files.keys()]);
    const before = this.#texts(path);
    const isTest = path.includes(".test.");
    if (session.style.outcomes === "whole" && dice.chance(0.5)) session.read(path, before);
    const block = isTest ? madeCase(dice) : madeFunction(dice);
    switch (dice.below(10)) {
      case 0:
        return this.#rename(session, path);
      case 1:
        return this.#apply(session, { path, before, after: [...before, ...block], form: "append" });
      case 2:
        return this.#apply(session, { path, before, after: [...before, ...block], form: "write" });
      default: {
        const at = boundaryIn(before, dice);
        const news = dice.chance(0.5) ? block : statement(dice);
        const drop = dice.chance(0.4) ? 1 + dice.below(3) : 0;
        const after = [...before.slice(0, at), ...news, ...before.slice(at + drop)];
        const form = dice.chance(0.1) ? "script" : dice.chance(0.1) ? "multi" : "edit";
        if (dice.chance(0.05))
          session.change({ path, before, after: block, form: "edit", fails: true });
        this.#apply(session, { path, before, after, form });
      }
    }
  }

  #rename(session: MadeTranscript, path: string): void {
    const dice = this.#dice;
    const before = this.#texts(path);
    const words = before.join(" ").match(/\b[a-z]+[A-Z][A-Za-z]+\b/g) ?? [];
    if (words.length === 0) return;
    const renamed = [dice.of(words), nameOf(dice)] as const;
    const after = before.map((line) => line.replaceAll(renamed[0], renamed[1]));
    const form = dice.chance(0.5) ? "sed" : "all";
    this.#apply(session, { path, before, after, form, renamed });
  }

  #deadEnd(session: MadeTranscript): void {
    const path = this.#dice.of([...this.#files.keys()]);
    const before = this.#texts(path);
    const at = boundaryIn(before, this.#dice);
    const after = [...before.slice(0, at), ...madeFunction(this.#dice), ...before.slice(at)];
    session.change({ path, before, after, form: "edit" });
    session.change({ path, before: after, after: before, form: "edit" });
  }

  #apply(session: MadeTranscript, change: MadeChange): void {
    session.change(change);
    this.#set(change.path, change.after, session.id);
    this.#atMs = Math.max(this.#atMs, session.atMs);
  }

  #humanEdit(): void {
    const path = this.#dice.of([...this.#files.keys()]);
    const before = this.#texts(path);
    const at = boundaryIn(before, this.#dice);
    this.#human(path, [...before.slice(0, at), ...statement(this.#dice), ...before.slice(at)]);
  }

  /** A formatter went over what was changed: other indents and quotes, the same writers. */
  #format(): void {
    for (const path of [...this.#touched].slice(0, 2)) {
      const lines = this.#files.get(path) ?? [];
      const formatted = lines.map(({ text, by }) => ({ text: text.replace(/^ +/, "$&$&"), by }));
      this.#files.set(path, formatted);
    }
  }

  /** A session that reads what others wrote, and shows it. */
  #look(): void {
    const session = this.#session();
    const path = this.#dice.of([...this.#touched, ...this.#files.keys()]);
    session.prompt("Explain this file.");
    session.read(path, this.#texts(path));
    session.bash(`cat ${path}`, this.#texts(path).join("\n"));
    session.says(`It reads:\n\`\`\`\n${this.#texts(path).slice(0, 40).join("\n")}\n\`\`\``);
    this.#atMs = Math.max(this.#atMs, session.atMs);
  }

  #human(path: string, texts: readonly string[]): void {
    this.#set(path, texts, null);
  }

  #set(path: string, texts: readonly string[], by: string | null): void {
    this.#files.set(path, carried(this.#files.get(path) ?? [], texts, by));
    this.#touched.add(path);
  }

  #commit(subject: string): void {
    const files = new Map([...this.#touched].map((path) => [path, this.#files.get(path) ?? []]));
    this.#commits.push({ subject, atMs: this.#atMs, workers: this.#workers, files });
    this.#workers = [];
    this.#touched = new Set();
    this.#wait(minute);
  }

  #wait(ms: number): void {
    this.#atMs += ms;
  }

  #newPath(): string {
    const dice = this.#dice;
    const end = dice.chance(0.3) ? ".test.ts" : ".ts";
    const path = `${dice.of(folders)}/${nameOf(dice)}${end}`;
    return this.#files.has(path) ? this.#newPath() : path;
  }

  #texts(path: string): readonly string[] {
    return (this.#files.get(path) ?? []).map(({ text }) => text);
  }
}

/** The place of a line after which something may be put. */
function boundaryIn(lines: readonly string[], dice: Dice): number {
  const ends = lines.flatMap((line, at) => (line === "" || line.endsWith(";") ? [at + 1] : []));
  return ends.length === 0 ? lines.length : dice.of(ends);
}

/** What is equal at both ends stays whose it was; lines that only a word changed in do not. */
function carried(
  before: readonly MadeLine[],
  after: readonly string[],
  by: string | null,
): readonly MadeLine[] {
  if (before.length === after.length) {
    return after.map((text, at) => {
      const old = before[at];
      return old?.text === text ? old : { text, by };
    });
  }
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head]?.text === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail)?.text === after.at(-1 - tail)) tail += 1;
  return [
    ...before.slice(0, head),
    ...after.slice(head, after.length - tail).map((text) => ({ text, by })),
    ...before.slice(before.length - tail),
  ];
}
