import type { Op } from "../base/op.ts";
import { lineMarks } from "../trail/carry.ts";
import { isDistinctive } from "../trail/distinctive.ts";
import { normalisedLine } from "../trail/line-diff.ts";
import type { PathLedger } from "../trail/path-ledger.ts";
import type { Population } from "../trail/survival.ts";
import { captureBegin } from "./capture-begin.ts";
import { type FileContent, findInCommit } from "./file-content.ts";
import { FileOwners, type OwnedLine } from "./file-owners.ts";
import type { RepoContext } from "./repo-context.ts";

/** Files in which lines of another one are looked for; where more have changed, none is. */
const placesMax = 400;

/** A line of a path that now stands in another one. */
export interface LineAway {
  readonly owned: OwnedLine;
  readonly path: string;
  /** 0-based, at the tip. */
  readonly index: number;
}

/**
 * Where lines that are missing from their file stand at a commit, by the id of their birth: in
 * files that have changed since capture began, if those say that they took them.
 */
export async function linesAway(
  op: Op,
  context: RepoContext,
  { ledger, path, sha }: { ledger: PathLedger; path: string; sha: string | null },
  missing: readonly number[],
): Promise<ReadonlyMap<number, LineAway>> {
  const away = new Map<number, LineAway>();
  const texts = missing.map((id) => ledger.births.get(id).text);
  if (sha === null || !isDistinctive(texts)) return away;
  const wanted = new Set(texts.map(normalisedLine));
  wanted.delete("");
  const idOf = new Map(missing.map((id) => [ledger.births.get(id), id]));
  for (const place of await changedSinceCapture(op, context, sha)) {
    if (place === path) continue;
    const content = await findInCommit(op, context, { sha, path: place });
    const lines = content?.lines ?? [];
    const found = [...lines.keys()].filter((at) => wanted.has(normalisedLine(lines[at] ?? "")));
    const owners = found.length === 0 ? null : await ownersIn(op, context, content);
    if (owners === null) continue;
    for (const index of found) {
      const owned = await owners.lineAt(op, index);
      const id = owned.bornAs === path ? idOf.get(owned.birth) : undefined;
      if (id !== undefined && !away.has(id)) away.set(id, { owned, path: place, index });
    }
  }
  return away;
}

/** The population with the lines that stand elsewhere, marked as moved. */
export function withLinesAway(
  population: Population,
  away: ReadonlyMap<number, LineAway>,
): Population {
  if (away.size === 0) return population;
  const { state } = population;
  const lineOf = new Map(population.lineOf);
  const marks = new Uint8Array(state.lines.length + away.size);
  marks.set(state.marks);
  let index = state.lines.length;
  for (const [id, { owned }] of away) {
    const isReformatted = owned.flags.includes("reformatted");
    marks[index] = lineMarks.moved | (isReformatted ? lineMarks.reformatted : 0);
    lineOf.set(id, index);
    index += 1;
  }
  return { ...population, state: { ...state, marks }, lineOf };
}

async function ownersIn(
  op: Op,
  context: RepoContext,
  content: FileContent | null,
): Promise<FileOwners | null> {
  if (content === null) return null;
  const { serial } = await context.ledger(op, content.path);
  const key = `earlier\0${serial}\0${content.rev}\0${content.key}\0${content.path}`;
  return context.once(key, () => FileOwners.of(op, context, content), "file");
}

/** Files that differ between the commit on which capture began and another one. */
async function changedSinceCapture(
  op: Op,
  context: RepoContext,
  sha: string,
): Promise<readonly string[]> {
  const begin = await captureBegin(op, context);
  const base = begin?.base;
  if (base === undefined) return [];
  return context.once(`changed\0${base}\0${sha}`, async () => {
    const changes = await context.reader.diffSnapshots(op, base, sha).catch(() => []);
    const there = changes.filter(({ afterBlob, mode }) => afterBlob !== null && isFile(mode));
    return there.length > placesMax ? [] : there.map(({ path }) => path);
  });
}

function isFile(mode: string | null): boolean {
  return mode?.startsWith("100") ?? false;
}
