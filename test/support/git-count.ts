import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * A `git` first on the PATH of this process that notes each start before it becomes the real one.
 */
export class GitCount implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "ot-git-count-"));
  readonly #log = join(this.#dir, "log");
  readonly #path = process.env["PATH"];

  constructor() {
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >>'${this.#log}'\nexec '${real}' "$@"\n`;
    writeFileSync(join(this.#dir, "git"), script, { mode: 0o755 });
    writeFileSync(this.#log, "");
    process.env["PATH"] = `${this.#dir}${delimiter}${this.#path ?? ""}`;
  }

  /** The verbs that git was started with since the last time this was asked. */
  take(): string[] {
    const lines = readFileSync(this.#log, "utf8").split("\n").filter(Boolean);
    writeFileSync(this.#log, "");
    return lines.map((line) => verbOf(line.split(" ")));
  }

  [Symbol.dispose](): void {
    process.env["PATH"] = this.#path;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** The first word that is neither an option nor the value of `-c`. */
function verbOf(words: readonly string[]): string {
  return words.find((word, at) => !word.startsWith("-") && words[at - 1] !== "-c") ?? "";
}
