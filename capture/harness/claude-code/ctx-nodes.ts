import { type DeltaList, wholeList } from "../../model/delta-list.ts";

/** Block list of a node, as a delta of an earlier one. */
export interface ListedNode extends DeltaList {
  readonly base: number | null;
}

/** The nodes of one file with their block lists, each stored as what it adds to another. */
export class NodeLists {
  readonly #nodes: ListedNode[] = [];

  get count(): number {
    return this.#nodes.length;
  }

  add(node: ListedNode): number {
    this.#nodes.push(node);
    return this.#nodes.length - 1;
  }

  /** A whole list as what it adds to the list of `base`, a node that it is likely to go on from. */
  deltaOf(list: readonly string[], base: number | null): ListedNode {
    if (base === null) return { base, keep: 0, tail: list };
    const from = this.#list(base);
    let keep = 0;
    while (keep < list.length && keep < from.length && list[keep] === from[keep]) keep += 1;
    return keep === 0 ? { base: null, keep, tail: list } : { base, keep, tail: list.slice(keep) };
  }

  #list(node: number): readonly string[] {
    const listed = this.#nodes[node];
    if (listed === undefined) return [];
    return wholeList(listed, ({ base }) => (base === null ? undefined : this.#nodes[base]));
  }
}
