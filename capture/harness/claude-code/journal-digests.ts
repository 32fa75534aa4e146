import { createHash, type Hash } from "node:crypto";
import { type DeltaList, wholeList } from "../../model/delta-list.ts";
import type { LineVerdict } from "../../model/session.ts";
import { blocksOf, canonical } from "./canonical.ts";
import { messageVerdict, requestDigestCheck } from "./journal-verdicts.ts";
import type { MessageRuns, Piece } from "./message-runs.ts";
import { isRecord } from "./is-record.ts";

/** Text of shapes and of blob messages that is kept at hand; the oldest goes first. */
const blobCharsMax = 12 * 1024 * 1024;

/** Members of a body that the digest does not cover. */
const uncovered: ReadonlySet<string> = new Set([
  "metadata",
  "stream",
  "thread",
  "diagnostics",
  "safeguards",
  "data_flow",
]);

/** The message hashes of one request, as what it adds to another's. */
interface MessageList extends DeltaList {
  readonly base: MessageList | undefined;
}

/** A `cache_control` mark and where in the body it stands. */
interface Mark {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Canonical text of a body before and after its messages. */
interface Frame {
  readonly key: string;
  readonly head: string;
  readonly end: string;
}

/** The hash over the beginning of a body, up to and with these messages. */
interface HashedBeginning {
  readonly head: string;
  readonly messages: readonly string[];
  readonly hash: Hash;
}

/**
 * Rebuilds the bodies of recorded requests, far enough to compare their digests.
 *
 * Successive requests share their beginning, and so do their hashes: what the last one had in
 * common is not hashed again, so a session costs about as much as its text and not its square.
 */
export class JournalDigests {
  readonly #runs: MessageRuns;
  /** Canonical texts: of a blob's message, or of each member of a shape. */
  readonly #messages = new Texts();
  readonly #shapes = new Texts();
  readonly #lists = new Map<string, MessageList>();
  #beginning: HashedBeginning | undefined;
  #frame: Frame | undefined;

  constructor(runs: MessageRuns) {
    this.#runs = runs;
  }

  /** Takes in a journal record; a request's answers come back as verdicts. */
  add(line: number, record: Record<string, unknown>): readonly LineVerdict[] {
    const { type, hash, shapeHash } = record;
    if (type === "api-request-blob" && typeof hash === "string") {
      this.#messages.set(hash, canonical(normalised(record["message"])));
    } else if (type === "api-request-shape" && typeof shapeHash === "string") {
      if (this.#shapes.has(shapeHash)) return [];
      this.#shapes.set(shapeHash, canonical(record["shape"]));
    } else if (type === "api-request") {
      return this.#request(line, record);
    }
    return [];
  }

  #request(line: number, record: Record<string, unknown>): readonly LineVerdict[] {
    const { id, base, keep, tail } = record;
    if (typeof id !== "string" || !Array.isArray(tail)) return [];
    const hashes = tail.map(String);
    const from = typeof base === "string" ? this.#lists.get(base) : undefined;
    if (typeof base === "string" && from === undefined) return [];
    const list: MessageList = {
      base: from,
      keep: typeof keep === "number" ? keep : 0,
      tail: hashes,
    };
    this.#lists.set(id, list);
    const places = hashes.flatMap((hash) => this.#place(hash, line));
    const digest = this.#digest(
      record,
      wholeList(list, ({ base: earlier }) => earlier),
    );
    if (digest === undefined) return places;
    const ok = digest === record["requestDigest"];
    return [...places, { check: requestDigestCheck, of: id, ok }];
  }

  #place(hash: string, line: number): readonly LineVerdict[] {
    const found = this.#messages.has(hash) ? undefined : this.#runs.find(hash);
    if (found === undefined) return [];
    const { run, last, blocks } = found;
    return [messageVerdict({ hash, from: line - run.first, to: line - last, blocks })];
  }

  /** Undefined if a part of the body is not at hand. */
  #digest(record: Record<string, unknown>, messages: readonly string[]): string | undefined {
    const marks = marksOf(record["cacheControl"]);
    const frame = marks === undefined ? undefined : this.#frameOf(record, marks);
    if (marks === undefined || frame === undefined) return undefined;
    const hash = this.#hashMessages(frame.head, messages, marks);
    return hash?.update(frame.end).digest("hex");
  }

  /** Shape and parameters stay the same from request to request, for long. */
  #frameOf(record: Record<string, unknown>, marks: readonly Mark[]): Frame | undefined {
    const { shapeHash, params } = record;
    const own = marks.filter(({ path }) => path[0] !== "messages");
    const key = canonical([shapeHash, params, own.map(({ path, value }) => [path, value])], true);
    if (this.#frame?.key === key) return this.#frame;
    const shape = typeof shapeHash === "string" ? this.#shapes.get(shapeHash) : undefined;
    if (shape === undefined || !isRecord(params)) return undefined;
    const members = marked({ ...params, ...JSON.parse(shape) }, own);
    if (members === undefined) return undefined;
    this.#frame = { key, ...framed(members) };
    return this.#frame;
  }

  #hashMessages(
    head: string,
    messages: readonly string[],
    marks: readonly Mark[],
  ): Hash | undefined {
    const marksOfMessages = marks.filter(({ path }) => path[0] === "messages");
    const firstMarked = Math.min(
      messages.length,
      ...marksOfMessages.map(({ path }) => Number(path[1])),
    );
    const known = this.#beginning;
    const isKnown =
      known !== undefined &&
      known.head === head &&
      known.messages.length <= firstMarked &&
      known.messages.every((name, index) => messages[index] === name);
    const hash = isKnown ? known.hash.copy() : createHash("sha256").update(head);
    for (let at = isKnown ? known.messages.length : 0; at < messages.length; at += 1) {
      if (at === firstMarked) this.#remember(head, messages.slice(0, at), hash);
      const text = this.#messageText(messages[at] ?? "", at, marksOfMessages);
      if (text === undefined) return undefined;
      if (at > 0) hash.update(",");
      for (const piece of text) hash.update(piece);
    }
    if (firstMarked === messages.length) this.#remember(head, messages, hash);
    return hash;
  }

  #remember(head: string, messages: readonly string[], hash: Hash): void {
    this.#beginning = { head, messages, hash: hash.copy() };
  }

  #messageText(name: string, index: number, marks: readonly Mark[]): readonly Piece[] | undefined {
    const text = this.#textOf(name);
    const own = marks.filter(({ path }) => path[1] === index);
    if (text === undefined || own.length === 0) return text;
    const message: unknown = JSON.parse(text.join(""));
    if (!isRecord(message)) return undefined;
    const full = marked(
      message,
      own.map(({ path, value }) => ({ path: path.slice(2), value })),
    );
    return full && [canonical(full, true)];
  }

  #textOf(name: string): readonly Piece[] | undefined {
    const ofBlob = this.#messages.get(name);
    if (ofBlob !== undefined) return [ofBlob];
    const found = this.#runs.find(name);
    return found && this.#runs.textOf(found);
  }
}

function framed(members: Record<string, unknown>): Pick<Frame, "head" | "end"> {
  const names = Object.keys(members).filter((name) => !uncovered.has(name) && name !== "messages");
  const texts = (isHead: boolean) =>
    names
      .filter((name) => name < "messages" === isHead)
      .toSorted()
      .map((name) => `${JSON.stringify(name)}:${canonical(members[name], true)}`);
  return {
    head: `{${[...texts(true), '"messages":['].join(",")}`,
    end: `${["]", ...texts(false)].join(",")}}`,
  };
}

/** Texts by name within a limit of characters; the oldest are let go. */
class Texts {
  readonly #texts = new Map<string, string>();
  #chars = 0;

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  get(name: string): string | undefined {
    return this.#texts.get(name);
  }

  set(name: string, text: string): void {
    if (this.#texts.has(name)) return;
    this.#texts.set(name, text);
    this.#chars += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#chars <= blobCharsMax) return;
      this.#texts.delete(oldest);
      this.#chars -= length;
    }
  }
}

/** Puts the marks that lie in these members to their places; undefined if a place is not there. */
function marked(
  members: Record<string, unknown>,
  marks: readonly Mark[],
): Record<string, unknown> | undefined {
  for (const { path, value } of marks) {
    let target: unknown = members;
    for (const key of path) {
      if (!isRecord(target) || !Object.hasOwn(target, key)) return undefined;
      target = target[key];
    }
    if (!isRecord(target)) return undefined;
    target["cache_control"] = value;
  }
  return members;
}

function marksOf(value: unknown): readonly Mark[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const marks = value.filter((mark): mark is Mark => isRecord(mark) && isPath(mark["path"]));
  return marks.length === value.length ? marks : undefined;
}

function isPath(path: unknown): boolean {
  return (
    Array.isArray(path) && path.every((key) => typeof key === "string" || typeof key === "number")
  );
}

function normalised(message: unknown): unknown {
  return isRecord(message) ? { ...message, content: blocksOf(message["content"]) } : message;
}
