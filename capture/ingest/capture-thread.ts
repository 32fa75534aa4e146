import { Worker } from "node:worker_threads";
import type { FileLine } from "../base/jsonl-batches.ts";
import type { BlobThread, NewBlob } from "../bucket/blobs.ts";
import type { GatedLine } from "../security/gate-line.ts";
import type {
  BlobRequest,
  Fault,
  GatedLines,
  GateRequest,
  ThreadAnswer,
} from "./thread-messages.ts";

/** Less than this is done before a thread has started. */
export const threadBytesMin = 256 * 1024;
/** A thread that has had nothing to do for so long is ended. */
const idleMs = 5_000;
const hashChars = 64;
/** What it takes over dies at once; with more room, dead blobs would wait there by the dozen. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 } as const;

/** What a gate is made of, so that another thread can make the same. */
export interface GateParts {
  readonly key: Buffer;
  readonly knownSecrets: readonly string[];
}

/** A line as another thread found it: its keyed hash, and what the gate makes of it. */
export interface LookedLine {
  readonly h: string;
  readonly gated: GatedLine;
}

interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A second thread for what needs none of a fold's state: it hashes and gates the lines of the next
 * batch, and compresses and writes blobs, while the first one folds.
 *
 * Nothing depends on it: while there is none, because it starts, is not worth it, or cannot be, its
 * methods answer undefined, and the work is done where it is asked for, to the same bytes.
 */
export interface SecondThread extends BlobThread {
  /** Starts it where it does not run; it is of use some 50 ms later. */
  start(): void;
  /** The lines in shared memory, looked at. Resolves to undefined if the thread ends before. */
  look(
    lines: readonly FileLine[],
    parts: GateParts,
  ): Promise<readonly LookedLine[] | undefined> | undefined;
}

export class CaptureThread implements SecondThread {
  /** One is enough for a process, however many buckets it writes. */
  static readonly shared = new CaptureThread();

  readonly #entry: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #isReady = false;
  #isBroken = false;
  #asked = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(entry = builtInEntry()) {
    this.#entry = entry;
  }

  /** True while it takes work. */
  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    if (this.#worker !== undefined || this.#isBroken) return;
    try {
      const worker = new Worker(this.#entry, { resourceLimits });
      worker.on("message", (answer: ThreadAnswer) => this.#answered(answer));
      // What broke it once, such as a machine without memory for it, would do so again.
      worker.on("error", () => (this.#isBroken = true));
      worker.on("exit", () => this.#leave(worker));
      worker.unref();
      this.#worker = worker;
    } catch {
      // No memory for one, or no file of its own beside this one: it goes without.
      this.#isBroken = true;
    }
  }

  look(
    lines: readonly FileLine[],
    { key, knownSecrets }: GateParts,
  ): Promise<readonly LookedLine[] | undefined> | undefined {
    const memory = lines[0]?.bytes?.buffer;
    if (!this.#isReady || !(memory instanceof SharedArrayBuffer)) return undefined;
    const ranges = new Uint32Array(lines.length * 2);
    for (const [at, { bytes }] of lines.entries()) {
      ranges[2 * at] = bytes?.byteOffset ?? 0;
      ranges[2 * at + 1] = (bytes?.byteOffset ?? 0) + (bytes?.length ?? 0);
    }
    return this.#ask({ does: "gate", key, knownSecrets, memory, ranges }).then(
      (answer) => ("gated" in answer ? lookedLines(lines, answer.gated) : undefined),
      () => undefined,
    );
  }

  writeBlob({ path, bytes, mayExist }: NewBlob): Promise<void> | undefined {
    if (!this.#isReady) return undefined;
    // What is not a part of something larger goes over without a copy.
    const { buffer } = bytes;
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
    const request = { does: "blob", path, bytes, mayExist } as const;
    return this.#ask(request, isWhole ? [buffer] : []).then((answer) => {
      if ("fault" in answer) throw errorOf(answer.fault);
    });
  }

  /** Ends it; what it was asked for and has not answered is done elsewhere, or fails. */
  async end(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#leave(worker);
    await worker.terminate();
  }

  #ask(
    request: GateRequest | BlobRequest,
    handedOver: readonly ArrayBuffer[] = [],
  ): Promise<ThreadAnswer> {
    const id = (this.#asked += 1);
    clearTimeout(this.#idle);
    // While somebody waits for it, it keeps the process; otherwise it never does.
    this.#worker?.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ ...request, id }, handedOver);
    });
  }

  #answered(answer: ThreadAnswer): void {
    if ("isReady" in answer) {
      this.#isReady = true;
      this.#restUntilAsked();
      return;
    }
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#restUntilAsked();
  }

  #restUntilAsked(): void {
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.end(), idleMs).unref();
  }

  #leave(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#isReady = false;
    clearTimeout(this.#idle);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Error("The thread of the ingest has ended."));
  }
}

/** Beside the bundle as a bundle of its own, beside the sources as a source. */
function builtInEntry(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "./thread-worker.ts" : "./capture-thread.cjs", import.meta.url);
}

function lookedLines(lines: readonly FileLine[], found: GatedLines): readonly LookedLine[] {
  return lines.map(({ bytes }, at) => {
    const h = found.hashes.slice(at * hashChars, (at + 1) * hashChars);
    const raw = bytes ?? Buffer.alloc(0);
    const changed = found.changed.get(at);
    if (changed === undefined) return { h, gated: { bytes: raw, redactions: 0, redacted: [] } };
    const { buffer, byteOffset, length } = changed.bytes;
    return { h, gated: { ...changed, bytes: Buffer.from(buffer, byteOffset, length) } };
  });
}

function errorOf({ code, message }: Fault): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
