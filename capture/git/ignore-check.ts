import type { Op } from "../base/op.ts";
import type { BytePath } from "./paths.ts";
import { GitPipe, type Parsed } from "./pipe.ts";
import { placeOf, type Repository } from "./repository.ts";

/** Asks a long-lived `git check-ignore` whether untracked paths are ignored. */
export class IgnoreCheck implements Disposable {
  readonly #pipe: GitPipe<boolean>;

  constructor(repository: Repository) {
    this.#pipe = new GitPipe({
      place: placeOf(repository),
      args: ["check-ignore", "--stdin", "-z", "--verbose", "--non-matching"],
      parse: parseMatch,
    });
  }

  async isIgnored(op: Op, path: BytePath): Promise<boolean> {
    // Behind "./" a leading colon is no pathspec magic.
    return this.#pipe.ask(op, Buffer.from(`./${path}\0`, "latin1"));
  }

  /** Needed when the index changed: it is read once. Changed rules the process notices itself. */
  restart(): void {
    this.#pipe.restart();
  }

  [Symbol.dispose](): void {
    this.#pipe[Symbol.dispose]();
  }
}

/** `source NUL line NUL pattern NUL path NUL`; the first three are empty where nothing matches. */
function parseMatch(bytes: Buffer): Parsed<boolean> {
  const fields: string[] = [];
  let at = 0;
  for (let field = 0; field < 4; field++) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return { needBytes: bytes.length + 1 };
    fields.push(bytes.toString("latin1", at, end));
    at = end + 1;
  }
  const pattern = fields[2] ?? "";
  return { reply: pattern !== "" && !pattern.startsWith("!"), usedBytes: at };
}
