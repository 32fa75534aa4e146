import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), "ot-home-")));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
// The code under test finds the user's git configuration by these; in tests there is none.
process.env["HOME"] = home;
delete process.env["XDG_CONFIG_HOME"];

const firstCommitAt = Date.parse("2026-01-01T00:00:00Z") / 1000;

export interface RepoOptions {
  readonly objectFormat?: "sha1" | "sha256";
  /** An existing folder to work in, such as a linked work tree. */
  readonly dir?: string;
  /** Arguments of `git init` beside the usual ones. */
  readonly initArgs?: readonly string[];
}

/** A disposable repository with fixed names and dates, so that ids are constants. */
export class Repo implements Disposable {
  /** Absolute root of the work tree, links resolved. */
  readonly dir: string;
  readonly #isOwn: boolean;
  #commits = 0;

  constructor(options: RepoOptions = {}) {
    this.#isOwn = options.dir === undefined;
    this.dir = options.dir ?? realpathSync(mkdtempSync(path.join(os.tmpdir(), "ot-repo-")));
    if (!this.#isOwn) return;
    const format = options.objectFormat ?? "sha1";
    this.git(
      "init",
      "--quiet",
      "--initial-branch=main",
      `--object-format=${format}`,
      ...(options.initArgs ?? []),
    );
  }

  /** The fake home folder that git sees. */
  get home(): string {
    return home;
  }

  /** Runs git in an otherwise empty environment; stdout without its last newline. */
  git(...args: readonly string[]): string {
    return this.gitWith({}, ...args);
  }

  gitWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): string {
    return this.gitBytes(env, ...args)
      .toString("utf8")
      .replace(/\n$/, "");
  }

  gitBytes(env: Readonly<Record<string, string>>, ...args: readonly string[]): Buffer {
    return execFileSync("git", [...args], {
      cwd: this.dir,
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 256 * 1024 * 1024,
      env: { ...gitEnv(firstCommitAt + this.#commits * 60), ...env },
    });
  }

  /** What git says to a question that may have no answer; null where it exits with an error. */
  find(...args: readonly string[]): string | null {
    try {
      return this.git(...args);
    } catch {
      return null;
    }
  }

  /** Runs git with `stdin`. */
  feed(stdin: Buffer, ...args: readonly string[]): void {
    const env = gitEnv(firstCommitAt);
    execFileSync("git", [...args], { cwd: this.dir, input: stdin, env, stdio: "pipe" });
  }

  /** Writes `files` (null deletes), stages everything and commits; the full id. */
  commit(message: string, files: Readonly<Record<string, string | Buffer | null>> = {}): string {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) this.remove(name);
      else this.write(name, content);
    }
    this.#commits += 1;
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", message);
    return this.git("rev-parse", "HEAD");
  }

  write(name: string, content: string | Buffer, mode?: number): void {
    const file = this.path(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (mode !== undefined) chmodSync(file, mode);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  link(name: string, target: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    symlinkSync(target, this.path(name));
  }

  path(name: string): string {
    return path.join(this.dir, name);
  }

  /** The id that git gives the work tree: `add --all` on a copy of the index, which stays aside. */
  treeOfWorkTree(): string {
    const folder = mkdtempSync(path.join(os.tmpdir(), "ot-index-"));
    const index = path.join(folder, "index");
    try {
      const own = this.git("rev-parse", "--path-format=absolute", "--git-path", "index");
      // With its times, for git to see edits that came too quickly after it was written.
      if (existsSync(own)) execFileSync("cp", ["-p", own, index]);
      const env = {
        GIT_INDEX_FILE: index,
        GIT_OBJECT_DIRECTORY: path.join(folder, "objects"),
        GIT_ALTERNATE_OBJECT_DIRECTORIES: this.git(
          "rev-parse",
          "--path-format=absolute",
          "--git-path",
          "objects",
        ),
      };
      mkdirSync(env.GIT_OBJECT_DIRECTORY);
      this.gitWith(env, "add", "--all");
      return this.gitWith(env, "write-tree");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOwn) rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function gitEnv(atSeconds: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "A. Person",
    GIT_AUTHOR_EMAIL: "person@example.org",
    GIT_COMMITTER_NAME: "A. Person",
    GIT_COMMITTER_EMAIL: "person@example.org",
    GIT_AUTHOR_DATE: `${atSeconds} +0000`,
    GIT_COMMITTER_DATE: `${atSeconds} +0000`,
    LC_ALL: "C",
  };
}

const ours = `-path "$1/opentraces" -prune -o -path '*/refs/opentraces*' -prune -o`;
const everyFile = `find "$1" "$2" ${ours} -type f -printf '%p %m %s %T@ %i\\n' | sort`;
const everySum = `find "$1" ${ours} -type f -exec sha1sum {} + | sort`;

/** Everything of a repository that must not change when we look at it, but our own folder. */
export function fingerprint(repo: Repo): string {
  const own = repo.git("rev-parse", "--path-format=absolute", "--git-common-dir");
  return execFileSync("sh", ["-c", `${everyFile}; ${everySum}`, "sh", own, repo.dir], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
}
