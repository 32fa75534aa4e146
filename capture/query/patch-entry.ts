import { parsedOrUndefined } from "../base/jsonl.ts";
import { parsePatchRecord, parseWrittenRecord } from "../bucket/codec/trail-codec.ts";
import { liveTrailFileName } from "../bucket/unit-paths.ts";

/** Where one patch stands in the unit, and what can be told of it without reading it. */
export interface PatchEntry {
  readonly id: string;
  readonly fileName: string;
  /** Sub-agent whose transcript recorded it; null for the main file and for observed ones. */
  readonly agent: string | null;
  readonly offset: number;
  readonly length: number;
  /** As recorded: below the session's root where it lies inside, absolute otherwise. */
  readonly path: string;
  readonly from: string | null;
  readonly isObserved: boolean;
  /** Of an observed one: the snapshots, and the blobs on both sides. */
  readonly between: readonly [number, number] | null;
  readonly beforeOid: string | null;
  readonly afterOid: string | null;
}

/** Where it stands that a step put a text into a file, without a whole content. */
export interface WrittenEntry {
  readonly fileName: string;
  readonly agent: string | null;
  readonly offset: number;
  readonly length: number;
  /** As in {@link PatchEntry}. */
  readonly path: string;
}

const beginning =
  /^\{"r":"patch","id":"([^"\\]*)","path":("(?:[^"\\]|\\.)*"),(?:"from":("(?:[^"\\]|\\.)*"),)?/u;

/** Bytes of a patch line in which its paths are looked for before all of it is parsed. */
const beginningBytes = 1024;

export function toldEntry(
  line: Buffer,
  at: { fileName: string; agent: string | null; offset: number },
): PatchEntry | undefined {
  const paths = pathsOf(line);
  if (paths === undefined) return undefined;
  const rest = { isObserved: false, between: null, beforeOid: null, afterOid: null };
  return { ...at, ...rest, length: line.length, ...paths };
}

/**
 * The id, path and origin of a patch line: from its first bytes where they are as we write them.
 */
function pathsOf(line: Buffer): Pick<PatchEntry, "id" | "path" | "from"> | undefined {
  const found = beginning.exec(line.toString("utf8", 0, Math.min(line.length, beginningBytes)));
  const path = found === null ? undefined : parsedOrUndefined(found[2] ?? "");
  const from = found?.[3] === undefined ? null : parsedOrUndefined(found[3]);
  if (typeof path === "string" && (from === null || typeof from === "string")) {
    return { id: found?.[1] ?? "", path, from };
  }
  const record = parsePatchRecord(parsedOrUndefined(line.toString("utf8")));
  if (record === undefined) return undefined;
  return { id: record.id, path: record.path, from: record.from ?? null };
}

export function seenEntry(line: Buffer, offset: number): PatchEntry | undefined {
  const record = parsePatchRecord(parsedOrUndefined(line.toString("utf8")));
  if (record === undefined) return undefined;
  return {
    id: record.id,
    fileName: liveTrailFileName,
    agent: null,
    offset,
    length: line.length,
    path: record.path,
    from: record.from ?? null,
    isObserved: true,
    between: record.between ?? null,
    beforeOid: record.before?.oid ?? null,
    afterOid: record.after?.oid ?? null,
  };
}

const writtenBeginning = /^\{"r":"written","path":("(?:[^"\\]|\\.)*"),/u;

/** The entry of a line that is no patch but says what was written; undefined for any other. */
export function writtenEntry(
  line: Buffer,
  at: { fileName: string; agent: string | null; offset: number },
): WrittenEntry | undefined {
  const found = writtenBeginning.exec(line.toString("utf8", 0, beginningBytes));
  const path = found === null ? undefined : parsedOrUndefined(found[1] ?? "");
  if (typeof path === "string") return { ...at, length: line.length, path };
  if (!line.includes('"written"')) return undefined;
  const record = parseWrittenRecord(parsedOrUndefined(line.toString("utf8")));
  return record === undefined ? undefined : { ...at, length: line.length, path: record.path };
}
