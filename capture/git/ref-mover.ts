import type { Op } from "../base/op.ts";
import { GitPipe, type Parsed } from "./pipe.ts";
import type { GitPlace } from "./run.ts";

export interface RefMove {
  readonly ref: string;
  readonly to: string;
  /** What the ref holds now; zeros where it must not exist. */
  readonly from: string;
}

/** Moves refs through a long-lived `git update-ref`, which refuses objects that are not there. */
export class RefMover implements Disposable {
  readonly #pipe: GitPipe<null>;

  constructor(place: GitPlace) {
    this.#pipe = new GitPipe({ place, args: ["update-ref", "--stdin"], parse: parseCommitted });
  }

  /** All or none. Throws `git-failed` where a ref holds something else by now. */
  async move(op: Op, moves: readonly RefMove[]): Promise<void> {
    if (moves.length === 0) return;
    const lines = moves.map(({ ref, to, from }) => `update ${ref} ${to} ${from}\n`);
    await this.#pipe.ask(op, `start\n${lines.join("")}commit\n`);
  }

  [Symbol.dispose](): void {
    this.#pipe[Symbol.dispose]();
  }
}

const committed = "commit: ok\n";

/** `start: ok`, then `commit: ok`; on any fault git says why on stderr and ends. */
function parseCommitted(bytes: Buffer): Parsed<null> {
  const at = bytes.indexOf(committed);
  return at < 0
    ? { needBytes: bytes.length + 1 }
    : { reply: null, usedBytes: at + committed.length };
}
