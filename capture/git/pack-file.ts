import { createHash } from "node:crypto";
import * as path from "node:path";
import { crc32 } from "node:zlib";

import { atomicWrite } from "../base/atomic-write.ts";
import type { ObjectFormat, ObjectType } from "./objects.ts";

/** An object on its way into a pack: its zlib stream goes in as it is. */
export interface PackEntry {
  readonly oid: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  readonly stored: Buffer;
}

const typeCodes: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
/** Packs are read by anyone who may read the repository, and written once. */
const packMode = 0o444;

interface Placed {
  readonly oid: string;
  readonly offset: number;
  readonly crc: number;
}

/**
 * Writes a pack and its index, both durable, without starting git.
 *
 * The index comes last: a pack without one is nobody's. Equal entries give equal files, so doing
 * it again after a crash does no harm. At most 2 GiB, which the write-ahead file never comes near.
 */
export async function writePack(
  packDir: string,
  format: ObjectFormat,
  entries: readonly PackEntry[],
): Promise<void> {
  const { pack, placed, checksum } = packOf(format, entries);
  const stem = path.join(packDir, `pack-${checksum.toString("hex")}`);
  await atomicWrite(`${stem}.pack`, pack, { mode: packMode, followLink: false });
  const index = indexOf(format, placed, checksum);
  await atomicWrite(`${stem}.idx`, index, { mode: packMode, followLink: false });
}

function packOf(
  format: ObjectFormat,
  entries: readonly PackEntry[],
): { pack: Buffer; placed: Placed[]; checksum: Buffer } {
  const head = Buffer.alloc(12);
  head.write("PACK", 0, "latin1");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(entries.length, 8);
  const parts: Buffer[] = [head];
  const placed: Placed[] = [];
  let offset = head.length;
  for (const { oid, type, sizeBytes, stored } of entries) {
    const entryHead = entryHeadOf(typeCodes[type], sizeBytes);
    placed.push({ oid, offset, crc: crc32(stored, crc32(entryHead)) });
    parts.push(entryHead, stored);
    offset += entryHead.length + stored.length;
  }
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  const checksum = hash.digest();
  return { pack: Buffer.concat([...parts, checksum]), placed, checksum };
}

/** Type and size: four bits of size in the first byte, seven in each further one. */
function entryHeadOf(type: number, sizeBytes: number): Buffer {
  const bytes = [(type << 4) | (sizeBytes & 15)];
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) | 0x80;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}

/** Version 2: a fan-out table, then ids, checksums and offsets, each in the order of ids. */
function indexOf(format: ObjectFormat, placed: readonly Placed[], checksum: Buffer): Buffer {
  const ordered = placed.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const fanOut = Buffer.alloc(256 * 4);
  const crcs = Buffer.alloc(ordered.length * 4);
  const offsets = Buffer.alloc(ordered.length * 4);
  let upTo = 0;
  for (let first = 0; first < 256; first++) {
    while (Number.parseInt(ordered[upTo]?.oid.slice(0, 2) ?? "zz", 16) <= first) upTo += 1;
    fanOut.writeUInt32BE(upTo, first * 4);
  }
  for (const [at, { crc, offset }] of ordered.entries()) {
    crcs.writeUInt32BE(crc, at * 4);
    offsets.writeUInt32BE(offset, at * 4);
  }
  const body = Buffer.concat([
    Buffer.from("ff744f6300000002", "hex"),
    fanOut,
    Buffer.from(ordered.map(({ oid }) => oid).join(""), "hex"),
    crcs,
    offsets,
    checksum,
  ]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}
