import { sha256Hex, readText } from "../bucket/blobs.ts";
import type { Op } from "../base/op.ts";
import { oidBytes, objectId } from "../git/objects.ts";
import type { StoreReader } from "../git/store-reader.ts";
import type { PatchSide } from "../model/trail.ts";
import type { LedgerSide } from "../trail/path-ledger.ts";
import { linesOfBytes, linesOfGated, ownedBytesMax } from "../trail/text-lines.ts";

/**
 * Reads one side of a patch for comparing: raw from the repository where its blob still is, gated
 * from the bucket otherwise. Undefined where the side was not recorded, null where there was no
 * file.
 */
export async function readSide(
  op: Op,
  reader: StoreReader | null,
  unitDir: string,
  side: PatchSide | null,
): Promise<LedgerSide | null | undefined> {
  if (side === null) return null;
  const { objectFormat } = reader?.repository ?? { objectFormat: "sha1" as const };
  const isNative = side.oid !== null && side.oid.length === oidBytes[objectFormat] * 2;
  if (isNative && side.oid !== null && reader !== null) {
    const bytes = await blobBytes(op, reader, side.oid);
    if (bytes !== null) return { key: side.oid, lines: linesOfBytes(bytes) };
  }
  if (side.text === null) return isNative ? { key: side.oid ?? "", lines: null } : undefined;
  const text = await textOrNull(unitDir, side.text);
  if (text === null) return undefined;
  const lines = linesOfGated(text, side.redactedLines);
  if (isNative) return { key: side.oid ?? "", lines };
  const isGated = side.redactedLines !== undefined || text.includes("[[secret:");
  if (isGated) return { key: `gated:${sha256Hex(text)}`, lines };
  return { key: objectId(objectFormat, "blob", Buffer.from(text, "utf8")), lines };
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
