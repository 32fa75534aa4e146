import { createHash, type Hash } from "node:crypto";
import { BlockTexts, type KeptText } from "./block-texts.ts";
import { blocksOf, canonicalBlock } from "./canonical.ts";
import { isRecord } from "./is-record.ts";

/** Canonical text of messages that is kept at hand; the oldest goes first. */
const contentBytesMax = 16 * 1024 * 1024;

/** Messages that can still be found by their hash. */
const namedMessagesMax = 50_000;

/** Lines whose blocks make up one message of a request. */
interface Run {
  readonly role: string;
  /** Response id of an assistant's message: its records are one run, and no others. */
  readonly id: unknown;
  readonly first: number;
  /** Canonical text of each block; undefined once it was let go. */
  blocks: KeptText[] | undefined;
  bytes: number;
}

/** A run that the next line may belong to, and the hash over its text so far, without its end. */
interface OpenRun {
  readonly run: Run;
  readonly hash: Hash;
}

/** A part of a text that is hashed. */
export type Piece = string | Buffer;

/**
 * A message by its hash: the first `blocks` blocks of a run, which end on line `last`. There are
 * tens of thousands of them, so each is three words and nothing that lives outside the heap.
 */
export interface NamedMessage {
  readonly run: Run;
  readonly last: number;
  readonly blocks: number;
}

/**
 * Hashes runs of message lines as the client does it.
 *
 * Consecutive user records are one message, and so are the records of one response; any beginning
 * of a run may be the message that was sent. A prompt may also begin a message of its own, where a
 * rewind dropped the records before it.
 */
export class MessageRuns {
  readonly #named = new Map<string, NamedMessage>();
  readonly #texts = new BlockTexts();
  readonly #kept = new Set<Run>();
  #keptBytes = 0;
  #open: OpenRun[] = [];

  find(hash: string): NamedMessage | undefined {
    return this.#named.get(hash);
  }

  /** Canonical text of a message, in pieces; undefined if it is not at hand any more. */
  textOf({ run, blocks }: NamedMessage): readonly Piece[] | undefined {
    return run.blocks && [...joined(run.blocks.slice(0, blocks)), endOf(run.role)];
  }

  add(line: number, record: Record<string, unknown>): void {
    const message = messageOf(record);
    if (message === undefined) return;
    const { role, id, content } = message;
    this.#open = this.#open.filter(
      ({ run }) => run.role === role && (role === "user" || run.id === id),
    );
    const isPrompt = role === "user" && typeof content === "string";
    if (this.#open.length === 0 || isPrompt)
      this.#open = [...this.#open.slice(-1), newRun(message, line)];
    for (const block of blocksOf(content)) {
      const text = this.#texts.copy(canonicalBlock(block).bytes);
      for (const open of this.#open) this.#push(open, text, line);
    }
    this.#letGo();
  }

  /** A line that may hold a message could not be read: no run goes on behind it. */
  interrupt(): void {
    this.#open = [];
  }

  #push({ run, hash }: OpenRun, text: KeptText, line: number): void {
    if (run.blocks === undefined) return;
    // A comma put before the text would be a copy of it.
    if (run.blocks.length > 0) hash.update(",");
    hash.update(text.bytes);
    run.blocks.push(text);
    this.#texts.hold(text);
    run.bytes += text.bytes.length;
    this.#keptBytes += text.bytes.length;
    this.#kept.add(run);
    const name = hash.copy().update(endOf(run.role)).digest("hex");
    this.#named.set(name, { run, last: line, blocks: run.blocks.length });
    if (this.#named.size <= namedMessagesMax) return;
    const [oldest] = this.#named.keys();
    if (oldest !== undefined) this.#named.delete(oldest);
  }

  #letGo(): void {
    for (const run of this.#kept) {
      if (this.#keptBytes <= contentBytesMax) return;
      if (this.#open.some((open) => open.run === run)) continue;
      this.#kept.delete(run);
      this.#keptBytes -= run.bytes;
      for (const text of run.blocks ?? []) this.#texts.letGo(text);
      run.blocks = undefined;
    }
  }
}

const beginning = '{"content":[';

function joined(blocks: readonly KeptText[]): Piece[] {
  return blocks.flatMap(({ bytes }, at) => [at === 0 ? beginning : ",", bytes]);
}

function endOf(role: string): string {
  return `],"role":${JSON.stringify(role)}}`;
}

function newRun({ role, id }: { role: string; id: unknown }, first: number): OpenRun {
  const run = { role, id, first, blocks: [], bytes: 0 };
  return { run, hash: createHash("sha256").update(beginning) };
}

function messageOf(record: Record<string, unknown>) {
  const { type, message } = record;
  if ((type !== "user" && type !== "assistant") || !isRecord(message)) return undefined;
  const { role, id, content } = message;
  return typeof role === "string" ? { role, id, content } : undefined;
}
