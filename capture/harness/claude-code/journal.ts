import { parsedOrUndefined } from "../../base/jsonl.ts";
import type { LineVerdict } from "../../model/session.ts";
import type { RawObserver } from "../adapter.ts";
import { JournalDigests } from "./journal-digests.ts";
import { MessageRuns } from "./message-runs.ts";

/** Message lines that wait for the file's first journal record; a file with more has none. */
const waitingBytesMax = 8 * 1024 * 1024;

/** A longer line is not looked into: the requests that hold it cannot be verified. */
const observedLineBytesMax = 12 * 1024 * 1024;

const journalStart = '{"type":"api-request';
const messageMarks = [Buffer.from('"type":"user"'), Buffer.from('"type":"assistant"')] as const;

/**
 * Verifies the client's own request journal on raw lines, before the gate changes any of them.
 *
 * For a request record it says which lines hold the messages that it names by hash, and whether the
 * body that they make has the recorded digest. A request of which something is not at hand gets no
 * verdict. In a file without a journal nothing is parsed.
 */
export class JournalObserver implements RawObserver {
  readonly #runs = new MessageRuns();
  readonly #digests = new JournalDigests(this.#runs);
  #waiting: { readonly line: number; readonly raw: Buffer }[] = [];
  #waitingBytes = 0;
  #state: "waiting" | "journal" | "gave-up" = "waiting";
  #line = 0;

  observe(raw: Buffer, value?: unknown): readonly LineVerdict[] {
    this.#line += 1;
    const isJournal = startsWith(raw, journalStart);
    if (isJournal && this.#state === "waiting") this.#catchUp();
    if (isJournal) return this.#journal(raw, value);
    if (this.#state === "gave-up" || !messageMarks.some((mark) => raw.includes(mark))) return [];
    if (this.#state === "journal") this.#message(this.#line, raw, value);
    else this.#wait(raw);
    return [];
  }

  #wait(raw: Buffer): void {
    this.#waitingBytes += raw.length;
    if (this.#waitingBytes <= waitingBytesMax) {
      this.#waiting.push({ line: this.#line, raw: Buffer.from(raw) });
      return;
    }
    this.#waiting = [];
    this.#state = "gave-up";
  }

  #catchUp(): void {
    this.#state = "journal";
    for (const { line, raw } of this.#waiting) this.#message(line, raw);
    this.#waiting = [];
  }

  #message(line: number, raw: Buffer, value?: unknown): void {
    const record = parsed(raw, value);
    if (record === undefined) this.#runs.interrupt();
    else shallow(() => this.#runs.add(line, record));
  }

  #journal(raw: Buffer, known?: unknown): readonly LineVerdict[] {
    // A journal that begins late names lines that were let go by; what comes after may still fit.
    this.#state = "journal";
    const record = parsed(raw, known);
    if (record === undefined) return [];
    return shallow(() => this.#digests.add(this.#line, record)) ?? [];
  }
}

function parsed(raw: Buffer, known?: unknown): Record<string, unknown> | undefined {
  if (raw.length > observedLineBytesMax) return undefined;
  const value = known ?? parsedOrUndefined(raw.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // Safe: an object of JSON has string keys.
  return value as Record<string, unknown>;
}

/** JSON nested deeper than the stack cannot be hashed: such a line is passed over. */
function shallow<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function startsWith(raw: Buffer, start: string): boolean {
  return raw.toString("latin1", 0, start.length) === start;
}
