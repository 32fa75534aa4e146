import { appendFile, readFile } from "node:fs/promises";
import * as path from "node:path";

import { atomicWrite, systemFault } from "../base/atomic-write.ts";
import { isErrno } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { addPin, listPins, notPinned } from "./pins.ts";
import { signatureOf, statPlain } from "./plain-file.ts";
import type { Repository } from "./repository.ts";

const triesMax = 5;
/** A folder that changed this shortly ago may change again under the same time. */
const racyMs = 50;

/** A tree of the user's that snapshots borrow from, and the commit that it was HEAD's of. */
export interface Base {
  readonly commit: string | null;
  readonly tree: string | null;
}

/**
 * Sees to it that every tree which snapshots borrow from is pinned, whoever removes the pins.
 *
 * Which trees those are stands in the store's file `pinned`. As long as no ref of that kind can
 * have changed, which three looks at files tell, nothing is started.
 */
export class PinGuard {
  readonly #repository: Repository;
  readonly #storeDir: string;
  #signature = "";
  #held: ReadonlySet<string> = new Set();
  /** Trees that were pruned while their pins were gone: nothing brings them back. */
  readonly #lost = new Set<string>();

  constructor(repository: Repository, storeDir: string) {
    this.#repository = repository;
    this.#storeDir = storeDir;
  }

  /** Throws `busy` if others keep taking the number. A lost tree that is no base is passed over. */
  async ensure(op: Op, base: Base): Promise<void> {
    const { tree } = base;
    if (tree === null) return;
    if (this.#held.has(tree) && this.#signature !== "" && this.#signature === this.#look()) return;
    const wanted = await this.#wanted(base, tree);
    for (let tries = 0; tries < triesMax; tries++) {
      const signature = this.#look();
      const pins = await listPins(op, this.#repository);
      const held = new Set(pins.map((pin) => pin.tree));
      const missing = [...wanted].filter((one) => !held.has(one) && !this.#lost.has(one));
      let added = 0;
      for (const one of missing) {
        const beside = added === 0 ? pins : await listPins(op, this.#repository);
        if (await addPin(op, this.#repository, { tree: one, beside, gap: tries })) added += 1;
      }
      if (added > 0) continue;
      if (missing.includes(tree)) continue;
      for (const one of missing) this.#lost.add(one);
      this.#signature = signature;
      this.#held = held;
      return;
    }
    throw notPinned(tree, triesMax);
  }

  /** Needed when the store was made anew. */
  forget(): void {
    this.#signature = "";
    this.#held = new Set();
  }

  async #wanted(base: Base, tree: string): Promise<ReadonlySet<string>> {
    const known = await readPinned(this.#storeDir);
    if (!known.some((one) => one.tree === tree)) {
      await notePinned(this.#storeDir, base);
    }
    return new Set([...known.flatMap((one) => one.tree ?? []), tree]);
  }

  /** Changes whenever a ref right below `refs/` comes or goes; empty while it cannot be told. */
  #look(): string {
    const { commonDir } = this.#repository;
    const refs = statPlain(path.join(commonDir, "refs"));
    if (refs === null || Date.now() - Number(refs.mtimeMs) < racyMs) return "";
    return [
      `${refs.mtimeNs}.${refs.ino}`,
      signatureOf(path.join(commonDir, "packed-refs")),
      signatureOf(path.join(commonDir, "reftable", "tables.list")),
    ].join(" ");
  }
}

const fileName = "pinned";

/** `<commit> <tree>` a line: which trees snapshots borrow from. The shim appends to it as well. */
export async function readPinned(storeDir: string): Promise<readonly Base[]> {
  const text = await readFile(path.join(storeDir, fileName), "latin1").catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return "";
    throw systemFault(error, path.join(storeDir, fileName));
  });
  return text.split("\n").flatMap((line) => {
    const [commit, tree] = line.split(" ");
    const isWhole = /^[0-9a-f]{40,64}$/.test(commit ?? "") && /^[0-9a-f]{40,64}$/.test(tree ?? "");
    return isWhole && commit !== undefined && tree !== undefined ? [{ commit, tree }] : [];
  });
}

async function notePinned(storeDir: string, base: Base): Promise<void> {
  const file = path.join(storeDir, fileName);
  try {
    await appendFile(file, `${base.commit} ${base.tree}\n`, { mode: 0o600, flush: true });
  } catch (error) {
    throw systemFault(error, file);
  }
}

export async function writePinned(storeDir: string, bases: readonly Base[]): Promise<void> {
  const lines = bases.map(({ commit, tree }) => `${commit} ${tree}\n`);
  await atomicWrite(path.join(storeDir, fileName), lines.join(""), { followLink: false });
}
