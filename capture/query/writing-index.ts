import type { Op } from "../base/op.ts";
import {
  type Nearness,
  type ReadWriting,
  readWritings,
  type WritingPlace,
} from "./read-writing.ts";
import type { RepoContext } from "./repo-context.ts";
import { repoPathOf } from "./repo-sessions.ts";

/** Texts that are kept; those that were read first go first. */
const keptCharsMax = 24 * 1024 * 1024;

/** Parts at the end of two paths that must be equal for a file to be taken for the same. */
const commonPartsMin = 2;

/**
 * Where sessions without snapshots wrote, by the last part of the path: clones lay elsewhere, so
 * paths are compared from their ends.
 */
export class WritingIndex {
  readonly #texts = new Map<WritingPlace["entry"], readonly ReadWriting[]>();
  #chars = 0;
  #made: { readonly version: number; readonly byName: Promise<ByName> } | undefined;

  async find(
    op: Op,
    context: RepoContext,
    path: string,
  ): Promise<readonly (WritingPlace & { readonly nearness: Nearness })[]> {
    const version = await context.version(op);
    if (this.#made?.version !== version) this.#made = { version, byName: makeIndex(op, context) };
    const byName = await this.#made.byName;
    const wanted = path.split("/");
    return (byName.get(wanted.at(-1) ?? "") ?? []).flatMap((place) => {
      const nearness = nearnessOf(place, path, wanted);
      return nearness === null ? [] : { ...place, nearness };
    });
  }

  /** The texts of one place, read once for as long as there is room for them. */
  async read(place: WritingPlace): Promise<readonly ReadWriting[]> {
    const { entry } = place;
    const known = this.#texts.get(entry);
    if (known !== undefined) return known;
    const read = await readWritings(place);
    this.#texts.set(entry, read);
    this.#chars += charsOf(read);
    for (const [oldest, texts] of this.#texts) {
      if (this.#chars <= keptCharsMax) break;
      this.#texts.delete(oldest);
      this.#chars -= charsOf(texts);
    }
    return read;
  }
}

type ByName = ReadonlyMap<string, readonly WritingPlace[]>;

async function makeIndex(op: Op, context: RepoContext): Promise<ByName> {
  const byName = new Map<string, WritingPlace[]>();
  for (const session of await context.sessions(op)) {
    const { view } = session;
    // Snapshots of a session say more than its words, also of what did not come to stand.
    if ((await view.readEvents()).some(({ r }) => r === "snapshot")) continue;
    const entries = (await view.readEntries()).filter(({ isObserved }) => !isObserved);
    for (const entry of [...entries, ...(await view.readWritten())]) {
      const parts = entry.path.split("/").filter((part) => part !== "" && part !== ".");
      const name = parts.at(-1) ?? "";
      const path = session.kin === "guest" ? null : repoPathOf(session, entry.path);
      const place = { session, entry, path, parts };
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [place]);
      else known.push(place);
    }
  }
  return byName;
}

/** Null for a path that is another file's. */
function nearnessOf(
  { path, parts, entry }: WritingPlace,
  asked: string,
  wanted: readonly string[],
): Nearness | null {
  if (path === asked || entry.path === asked) return "same";
  let common = 0;
  while (common < wanted.length && wanted.at(-1 - common) === parts.at(-1 - common)) common += 1;
  // The session may have run above the root, or below it.
  const isWhole =
    common === wanted.length || (common === parts.length && !entry.path.startsWith("/"));
  return isWhole || common >= commonPartsMin ? "near" : null;
}

/** Beside its characters, each text has a cost. */
function charsOf(texts: readonly ReadWriting[]): number {
  const lines = texts.flatMap(({ text }) => [...text.lines, ...text.removed]);
  return lines.reduce((sum, line) => sum + line.length + 64, 512);
}
