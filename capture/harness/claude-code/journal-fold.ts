import type { IssueRule } from "../../base/errors.ts";
import type { MissingPart } from "../../model/ctx.ts";
import { type DeltaList, wholeList } from "../../model/delta-list.ts";
import type { LineVerdict } from "../../model/session.ts";
import { blocksOf } from "./canonical.ts";
import type { ListedNode } from "./ctx-nodes.ts";
import { leadBlock, type LooseBlock, messageBlock, type Role } from "./ctx-blocks.ts";
import { parseMessageVerdict, requestDigestCheck } from "./journal-verdicts.ts";
import { BlobLine, RequestLine, ShapeLine } from "./lines.ts";
import { blobLine, requestLine } from "./read-journal-line.ts";

export interface JournalProblem {
  readonly rule: IssueRule;
  readonly message: string;
}

/** A request of the journal with its blocks: system parts, tools, then the messages'. */
export interface JournalRequest {
  readonly id: string;
  readonly model: string | null;
  /** All blocks, or what they add to an earlier node's. */
  readonly blocks: ListedNode | { readonly whole: readonly string[] };
  readonly missing: readonly MissingPart[];
  /** Its digest was found right on the raw bytes. */
  readonly isVerified: boolean;
}

/** The message hashes of one request, as what it adds to another's. */
interface MessageList extends DeltaList {
  readonly base: MessageList | undefined;
  readonly shape: string | undefined;
  /** Messages, and all blocks with those of the shape; undefined while some are not found. */
  readonly count: number;
  blockCount: number | undefined;
  node: number | undefined;
}

interface LineReading {
  readonly line: number;
  readonly verdicts: readonly LineVerdict[];
}

/** Reads the client's journal and finds the blocks that its hashes stand for. */
export class JournalFold {
  readonly #keep: (block: LooseBlock, path: readonly (string | number)[]) => void;
  readonly #shapes = new Map<string, readonly string[]>();
  /** Blocks of messages by the hash that the journal gives them. */
  readonly #messages = new Map<string, readonly string[]>();
  readonly #lists = new Map<string, MessageList>();
  /** Blocks of the transcript's message lines. */
  readonly #lines = new Map<number, string[]>();

  constructor(keep: (block: LooseBlock, path: readonly (string | number)[]) => void) {
    this.#keep = keep;
  }

  transcriptBlock(line: number, hash: string): void {
    const blocks = this.#lines.get(line);
    if (blocks === undefined) this.#lines.set(line, [hash]);
    else blocks.push(hash);
  }

  /** Node of a request that was added before. */
  node(id: string): number | undefined {
    return this.#lists.get(id)?.node;
  }

  added(request: JournalRequest, node: number): void {
    const list = this.#lists.get(request.id);
    if (list !== undefined) list.node = node;
  }

  read(
    record: Record<string, unknown>,
    reading: LineReading,
  ): JournalRequest | JournalProblem | undefined {
    switch (record["type"]) {
      case "api-request-shape":
        return this.#readShape(record);
      case "api-request-blob":
        return this.#readBlob(record);
      case "api-request":
        return this.#readRequest(record, reading);
      default: {
        const message = `Lines of type "${String(record["type"])}" are not known.`;
        return { rule: "line-type-unknown", message };
      }
    }
  }

  #readShape(record: unknown): JournalProblem | undefined {
    const line = ShapeLine.safeParse(record);
    if (!line.success) return notUnderstood("api-request-shape");
    if (this.#shapes.has(line.data.shapeHash)) return undefined;
    const { system = [], tools = [] } = line.data.shape;
    const keep = (values: readonly unknown[], kind: "system" | "tools") =>
      values.map((value, index) => {
        const block = leadBlock(value, kind);
        this.#keep(block, ["shape", kind, index]);
        return block.hash;
      });
    this.#shapes.set(line.data.shapeHash, [...keep(system, "system"), ...keep(tools, "tools")]);
    return undefined;
  }

  #readBlob(record: unknown): JournalProblem | undefined {
    const line = blobLine(record) ?? BlobLine.safeParse(record).data;
    if (line === undefined) return notUnderstood("api-request-blob");
    const { role, content } = line.message;
    const isText = typeof content === "string";
    const blocks = blocksOf(content).map((value, index) => {
      const block = messageBlock(value, roleOf(role));
      this.#keep(block, ["message", "content", ...(isText ? [] : [index])]);
      return block.hash;
    });
    this.#messages.set(line.hash, blocks);
    return undefined;
  }

  #readRequest(record: unknown, { line, verdicts }: LineReading): JournalRequest | JournalProblem {
    const parsed = requestLine(record) ?? RequestLine.safeParse(record).data;
    if (parsed === undefined) return notUnderstood("api-request");
    const { id, base, keep = 0, tail, shapeHash, params } = parsed;
    for (const verdict of verdicts) this.#learn(verdict, line);
    const from = typeof base === "string" ? this.#lists.get(base) : undefined;
    const kept = from === undefined ? 0 : Math.min(keep, from.count);
    const list: MessageList = {
      base: from,
      keep: kept,
      tail,
      shape: shapeHash,
      count: kept + tail.length,
      blockCount: undefined,
      node: undefined,
    };
    this.#lists.set(id, list);
    const isVerified = verdicts.some(
      ({ check, of, ok }) => check === requestDigestCheck && of === id && ok,
    );
    const found = this.#extended(list) ?? this.#whole(list, keep);
    return { id, model: params?.model ?? null, ...found, isVerified };
  }

  /** The usual request: all of the one before, and a few messages more. */
  #extended(list: MessageList): Pick<JournalRequest, "blocks" | "missing"> | undefined {
    const { base, shape, keep } = list;
    if (base?.node === undefined || base.blockCount === undefined) return undefined;
    if (base.shape !== shape || keep !== base.count) return undefined;
    const tail: string[] = [];
    for (const hash of list.tail) {
      const found = this.#messages.get(hash);
      if (found === undefined) return undefined;
      tail.push(...found);
    }
    list.blockCount = base.blockCount + tail.length;
    return { blocks: { base: base.node, keep: base.blockCount, tail }, missing: [] };
  }

  #whole(list: MessageList, keep: number): Pick<JournalRequest, "blocks" | "missing"> {
    const missing = new Set<MissingPart>();
    const shape = list.shape === undefined ? undefined : this.#shapes.get(list.shape);
    if (shape === undefined) missing.add("system").add("tools");
    if (keep > list.keep) missing.add("unknown");
    const whole = [...(shape ?? [])];
    for (const hash of wholeList(list, ({ base }) => base)) {
      const found = this.#messages.get(hash);
      if (found === undefined) missing.add("unknown");
      else whole.push(...found);
    }
    if (missing.size === 0) list.blockCount = whole.length;
    return { blocks: { whole }, missing: [...missing] };
  }

  /** The observer found a message's hash in raw lines; here stand the same lines after the gate. */
  #learn(verdict: LineVerdict, line: number): void {
    const place = parseMessageVerdict(verdict);
    if (place === undefined || this.#messages.has(place.hash)) return;
    const blocks: string[] = [];
    for (let back = place.from; back >= place.to; back -= 1) {
      blocks.push(...(this.#lines.get(line - back) ?? []));
    }
    if (blocks.length >= place.blocks)
      this.#messages.set(place.hash, blocks.slice(0, place.blocks));
  }
}

function notUnderstood(type: string): JournalProblem {
  return { rule: "line-not-understood", message: `An "${type}" line is not as expected.` };
}

function roleOf(role: string): Role {
  return role === "assistant" || role === "system" ? role : "user";
}
