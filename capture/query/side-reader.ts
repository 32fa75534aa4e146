import { sha256Hex, readText } from "../bucket/blobs.ts";
import type { Op } from "../base/op.ts";
import { oidBytes, objectId } from "../git/objects.ts";
import type { StoreReader } from "../git/store-reader.ts";
import type { PatchSide } from "../model/trail.ts";
import type { LedgerSide } from "../trail/path-ledger.ts";
import { splitLines } from "../trail/line-diff.ts";
import {
  linesNear,
  linesOfGated,
  linesWithin,
  ownedBytesMax,
  textOfBytes,
} from "../trail/text-lines.ts";

/** Sides that are kept for the next patch, which mostly begins where one of them ended. */
const keptSidesMax = 4;

/**
 * Reads sides of patches for comparing: raw from the repository where its blob still is, gated from
 * the bucket otherwise. Sides that follow one another share the strings of the lines that they
 * share.
 */
export class SideReader {
  readonly #reader: StoreReader | null;
  readonly #unitDir: string;
  readonly #kept = new Map<string, LedgerSide>();
  #near: { readonly text: string; readonly lines: readonly string[] } | null = null;

  constructor(reader: StoreReader | null, unitDir: string) {
    this.#reader = reader;
    this.#unitDir = unitDir;
  }

  /** Undefined where the side was not recorded, null where there was no file. */
  async read(op: Op, side: PatchSide | null): Promise<LedgerSide | null | undefined> {
    if (side === null) return null;
    const { objectFormat } = this.#reader?.repository ?? { objectFormat: "sha1" as const };
    const isNative = side.oid !== null && side.oid.length === oidBytes[objectFormat] * 2;
    if (isNative && side.oid !== null && this.#reader !== null) {
      const raw = await this.#raw(op, this.#reader, side.oid);
      if (raw !== null) return raw;
    }
    if (side.text === null) return isNative ? { key: side.oid ?? "", lines: null } : undefined;
    const text = await textOrNull(this.#unitDir, side.text);
    if (text === null) return undefined;
    const lines = linesOfGated(text, side.redactedLines);
    if (isNative) return { key: side.oid ?? "", lines };
    const isGated = side.redactedLines !== undefined || text.includes("[[secret:");
    if (isGated) return { key: `gated:${sha256Hex(text)}`, lines };
    return { key: objectId(objectFormat, "blob", Buffer.from(text, "utf8")), lines };
  }

  /** The key that a side will have; undefined for one that must be read for that. */
  keyOf({ oid }: PatchSide): string | undefined {
    const { objectFormat } = this.#reader?.repository ?? { objectFormat: "sha1" as const };
    return oid !== null && oid.length === oidBytes[objectFormat] * 2 ? oid : undefined;
  }

  async #raw(op: Op, reader: StoreReader, oid: string): Promise<LedgerSide | null> {
    const known = this.#kept.get(oid);
    if (known !== undefined) return known;
    const bytes = await blobBytes(op, reader, oid);
    if (bytes === null) return null;
    const side = { key: oid, lines: this.#linesOf(bytes) };
    this.#kept.set(oid, side);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptSidesMax) break;
      this.#kept.delete(oldest);
    }
    return side;
  }

  #linesOf(bytes: Buffer): readonly string[] | null {
    const text = textOfBytes(bytes);
    if (text === null) return null;
    const near = this.#near;
    const lines = linesWithin(near === null ? splitLines(text) : linesNear(text, near));
    if (lines !== null) this.#near = { text, lines };
    return lines;
  }
}

async function blobBytes(op: Op, reader: StoreReader, oid: string): Promise<Buffer | null> {
  try {
    return await reader.readBlob(op, oid);
  } catch {
    // Over the limit or damaged: what the bucket holds is asked instead.
    return null;
  }
}

async function textOrNull(unitDir: string, text: PatchSide["text"]): Promise<string | null> {
  if (text === null) return null;
  if (typeof text !== "string" && text.bytes > ownedBytesMax) return null;
  return readText(unitDir, text).catch(() => null);
}
