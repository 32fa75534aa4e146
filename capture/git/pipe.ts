import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { Child } from "../base/process.ts";
import { asGitMissing, gitFault, type GitPlace, startGit } from "./run.ts";

/** What a parser makes of the bytes so far: a reply and its length, or how many it needs. */
export type Parsed<Reply> =
  | { readonly reply: Reply; readonly usedBytes: number }
  | { readonly needBytes: number };

export interface PipeOptions<Reply> {
  readonly place: GitPlace;
  readonly args: readonly string[];
  /** Finds the first reply in `bytes`; `needBytes` is the total that is worth asking again for. */
  readonly parse: (bytes: Buffer) => Parsed<Reply>;
}

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A git process that answers one reply a request, in order, started when it is first asked and
 * again after it died.
 *
 * Requests that were open when it died are rejected with what it said. It keeps this process
 * alive only while a request is open.
 */
export class GitPipe<Reply> implements Disposable {
  readonly #options: PipeOptions<Reply>;
  #child: Child | undefined;
  #waiting: Waiting<Reply>[] = [];
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #needBytes = 1;

  constructor(options: PipeOptions<Reply>) {
    this.#options = options;
  }

  async ask(op: Op, request: Buffer | string): Promise<Reply> {
    throwIfCancelled(op);
    const child = (this.#child ??= this.#start());
    child.hold(true);
    return new Promise<Reply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      void child.write(request);
    });
  }

  /** Ends the process; the next request starts another, which reads its configuration anew. */
  restart(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#reset();
    child?.end();
    child?.hold(false);
    if (this.#waiting.length > 0) child?.kill();
    this.#rejectAll(new OtError("git-failed", "The git process was stopped."));
  }

  [Symbol.dispose](): void {
    this.restart();
  }

  #start(): Child {
    const { place, args } = this.#options;
    const child = startGit(place, args);
    child.onStdout((chunk) => {
      if (this.#child === child) this.#take(chunk);
    });
    child.exited.then(
      ({ exitCode }) => this.#died(child, gitFault(args, exitCode, child.stderrHead())),
      (error: unknown) => this.#died(child, asGitMissing(error)),
    );
    return child;
  }

  #died(child: Child, error: unknown): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#reset();
    this.#rejectAll(error);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes >= this.#needBytes) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      if (bytes === undefined) return;
      const parsed = this.#options.parse(bytes);
      const rest = "reply" in parsed ? bytes.subarray(parsed.usedBytes) : bytes;
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#sizeBytes = rest.length;
      this.#needBytes = "reply" in parsed ? 1 : Math.max(parsed.needBytes, rest.length + 1);
      if ("reply" in parsed) this.#settle(parsed.reply);
    }
  }

  #settle(reply: Reply): void {
    this.#waiting.shift()?.resolve(reply);
    if (this.#waiting.length === 0) this.#child?.hold(false);
  }

  #rejectAll(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }

  #reset(): void {
    this.#chunks = [];
    this.#sizeBytes = 0;
    this.#needBytes = 1;
  }
}
