import type {
  BlockKind,
  BlockRecord,
  CtxRecord,
  Fidelity,
  MissingPart,
  NodeRecord,
} from "../../model/ctx.ts";
import type { LineVerdict } from "../../model/session.ts";
import type { Tokens } from "../../model/trace.ts";
import { blocksOf } from "./canonical.ts";
import { leadBlock, type LooseBlock, messageBlock, type Role } from "./ctx-blocks.ts";
import { TranscriptContext } from "./ctx-context.ts";
import { type ListedNode, NodeLists } from "./ctx-nodes.ts";
import { type JournalProblem, JournalFold } from "./journal-fold.ts";

export interface Response {
  /** `msg_…` */
  readonly id: string;
  /** Native id of the journal's request record that it answers. */
  readonly journal: string | undefined;
  readonly model: string | null;
  readonly tokens: Tokens | null;
  readonly isCopied: boolean;
}

/**
 * Folds a transcript into what the model saw: a node a request, blocks once each.
 *
 * Where the client kept a journal, nodes are what the journal says. Otherwise a node is what stood
 * in the transcript before the response, and lists what is known to be missing from it.
 */
export class CtxFold {
  readonly #file: number;
  readonly #nodes = new NodeLists();
  readonly #journal: JournalFold;
  /** Blocks that no node has needed yet. */
  readonly #unused = new Map<string, BlockRecord>();
  readonly #used = new Set<string>();
  readonly #context = new TranscriptContext();
  /** Nodes by response, for the usage that later blocks report. */
  readonly #responses = new Map<string, number>();
  #lastJournaled: number | null = null;
  #line = 0;
  #records: CtxRecord[] = [];

  constructor(file: number) {
    this.#file = file;
    this.#journal = new JournalFold((block, path) => this.#keep(block, path, null));
  }

  begin(line: number): void {
    this.#line = line;
    this.#records = [];
  }

  end(): readonly CtxRecord[] {
    return this.#records;
  }

  /** The content of a user's or assistant's record; `stepOf` says which step a block belongs to. */
  message(
    message: {
      readonly role: Role;
      readonly content: unknown;
      readonly kind?: BlockKind;
      /** False for one that only the journal can say was sent. */
      readonly isSent?: boolean;
    },
    stepOf: (block: number) => number | null,
    path: readonly string[] = ["message", "content"],
  ): void {
    const isText = typeof message.content === "string";
    for (const [index, value] of blocksOf(message.content).entries()) {
      const block = messageBlock(value, message.role, message.kind);
      this.#keep(block, isText ? path : [...path, index], stepOf(index));
      if (message.isSent !== false) this.#context.push(block.hash);
      if (path[0] === "message") this.#journal.transcriptBlock(this.#line, block.hash);
    }
  }

  /** Texts that the client put into the context for an attachment. */
  rendered(texts: readonly { readonly content: unknown }[], role: Role): void {
    for (const [index, { content }] of texts.entries()) {
      for (const value of blocksOf(content)) {
        const block = messageBlock(value, role);
        const kind = block.kind === "user" ? "attachment" : block.kind;
        this.#keep({ ...block, kind }, ["rendered", index, "content"], null);
        this.#context.push(block.hash);
      }
    }
  }

  /** System prompt and tools as the client noted them down; a part that is absent stays. */
  snapshot(parts: readonly string[] | undefined, tools: readonly unknown[] | undefined): void {
    const keep = (values: readonly unknown[], kind: "system" | "tools", at: string) =>
      values.map((value, index) => {
        const block = leadBlock(value, kind);
        this.#keep(block, ["attachment", at, index], null);
        return block.hash;
      });
    if (parts !== undefined) {
      const texts = parts.map((text) => ({ type: "text", text }));
      this.#context.setLead("system", keep(texts, "system", "systemPrompt"));
    }
    if (tools !== undefined) this.#context.setLead("tools", keep(tools, "tools", "tools"));
  }

  /** The request that a compaction made is in no journal: what stood here, and its prompt. */
  compacted(): void {
    if (!this.#context.isEmpty) {
      const node = this.#addRebuilt({ request: null, model: null }, ["compaction-prompt"]);
      this.#verdict(node, { fidelity: "rebuilt", verifiedBy: null });
    }
    this.#context.clear();
  }

  folded(uuid: string): void {
    this.#context.mark(uuid);
  }

  /** A rewind: what came after this record is not in the context any more. */
  rewound(uuid: string): void {
    this.#context.rewind(uuid);
  }

  /** Called at the first record of a response, before its own blocks. */
  response(response: Response): void {
    if (response.isCopied) return;
    const known = this.#responses.get(response.id);
    if (known !== undefined) {
      if (response.tokens !== null) this.#verdict(known, { reported: response.tokens });
      return;
    }
    const journaled =
      response.journal === undefined ? undefined : this.#journal.node(response.journal);
    const node = journaled ?? this.#addRebuilt({ request: response.id, model: response.model }, []);
    this.#responses.set(response.id, node);
    const reported = response.tokens === null ? {} : { reported: response.tokens };
    if (journaled !== undefined) this.#verdict(node, { request: response.id, ...reported });
    else {
      const fidelity: Fidelity = this.#context.isEmpty ? "unknown" : "rebuilt";
      this.#verdict(node, { fidelity, verifiedBy: null, ...reported });
    }
  }

  /** A record of the client's journal; answers what is wrong with it. */
  journal(
    record: Record<string, unknown>,
    verdicts: readonly LineVerdict[],
  ): JournalProblem | undefined {
    const read = this.#journal.read(record, { line: this.#line, verdicts });
    if (read === undefined || "rule" in read) return read;
    const { id, model, missing, blocks, isVerified } = read;
    const listed =
      "keep" in blocks ? blocks : this.#nodes.deltaOf(blocks.whole, this.#lastJournaled);
    const node = this.#addNode({ request: null, journal: id, model }, listed, missing);
    this.#journal.added(read, node);
    this.#lastJournaled = node;
    const isExact = isVerified && missing.length === 0;
    const verdict = isExact
      ? ({ fidelity: "exact", verifiedBy: "digest" } as const)
      : ({ fidelity: "rebuilt", verifiedBy: null } as const);
    this.#verdict(node, verdict);
    return undefined;
  }

  #addRebuilt(
    from: { readonly request: string | null; readonly model: string | null },
    missing: readonly MissingPart[],
  ): number {
    const { listed, given } = this.#context.list();
    const parts = [...this.#context.missingLead(), ...missing];
    const node = this.#addNode({ ...from, journal: null }, listed, parts);
    given(node);
    return node;
  }

  #addNode(
    node: Pick<NodeRecord, "request" | "journal" | "model">,
    listed: ListedNode,
    missing: readonly MissingPart[],
  ): number {
    for (const hash of listed.tail) this.#use(hash);
    const { base, keep, tail } = listed;
    this.#records.push({
      r: "node",
      ...node,
      line: this.#line,
      base,
      keep,
      tail,
      missing: missing.map((what) => ({ what, tokens: null })),
    });
    return this.#nodes.add({ base, keep, tail });
  }

  #verdict(of: number, verdict: Omit<Extract<CtxRecord, { r: "verdict" }>, "r" | "of">): void {
    this.#records.push({ r: "verdict", of, ...verdict });
  }

  #keep(block: LooseBlock, path: readonly (string | number)[], step: number | null): void {
    if (this.#used.has(block.hash) || this.#unused.has(block.hash)) return;
    const at = { file: this.#file, line: this.#line, path };
    this.#unused.set(block.hash, { r: "block", ...block, at, step });
  }

  #use(hash: string): void {
    const block = this.#unused.get(hash);
    if (block === undefined) return;
    this.#unused.delete(hash);
    this.#used.add(hash);
    this.#records.push(block);
  }
}
