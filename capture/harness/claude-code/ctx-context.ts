import type { MissingPart } from "../../model/ctx.ts";
import type { ListedNode } from "./ctx-nodes.ts";

/**
 * What the transcript itself says stands in the context, for clients that keep no journal.
 *
 * A list is given out as what it adds to the last one, so a long conversation costs its length.
 */
export class TranscriptContext {
  readonly #blocks: string[] = [];
  readonly #lengthAt = new Map<string, number>();
  #lead: { system: readonly string[]; tools: readonly string[] } = { system: [], tools: [] };
  /** The last node that was given out, and how much of the blocks it still shares. */
  #last: { readonly node: number; readonly lead: number; shared: number } | undefined;

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  push(hash: string): void {
    this.#blocks.push(hash);
  }

  setLead(part: "system" | "tools", hashes: readonly string[]): void {
    const known = this.#lead[part];
    const isSame = known.length === hashes.length && known.every((hash, at) => hash === hashes[at]);
    if (isSame) return;
    this.#lead = { ...this.#lead, [part]: hashes };
    this.#last = undefined;
  }

  missingLead(): MissingPart[] {
    return (["system", "tools"] as const).filter((part) => this.#lead[part].length === 0);
  }

  mark(uuid: string): void {
    this.#lengthAt.set(uuid, this.#blocks.length);
  }

  /** Drops what came after this record. */
  rewind(uuid: string): void {
    const length = this.#lengthAt.get(uuid);
    if (length !== undefined && length < this.#blocks.length) this.#cut(length);
  }

  clear(): void {
    this.#cut(0);
    this.#lengthAt.clear();
  }

  /** The list as it is now; `given` is told the number of the node that it becomes. */
  list(): { readonly listed: ListedNode; readonly given: (node: number) => void } {
    const last = this.#last;
    const { system, tools } = this.#lead;
    const lead = system.length + tools.length;
    const length = this.#blocks.length;
    const listed =
      last === undefined || last.lead + last.shared === 0
        ? { base: null, keep: 0, tail: [...system, ...tools, ...this.#blocks] }
        : {
            base: last.node,
            keep: last.lead + last.shared,
            tail: this.#blocks.slice(last.shared),
          };
    return {
      listed,
      given: (node) => {
        this.#last = { node, lead, shared: length };
      },
    };
  }

  #cut(length: number): void {
    this.#blocks.length = length;
    if (this.#last !== undefined && this.#last.shared > length) this.#last.shared = length;
  }
}
