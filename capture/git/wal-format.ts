import { crc32 } from "node:zlib";

import type { ObjectFormat, ObjectType } from "./objects.ts";

/**
 * The write-ahead file of a store: a header line, then batches. A batch is the objects of one
 * snapshot and, last, the line that makes it count:
 *
 *     opentraces-wal 1 <object format> <16 hex digits: this generation of the file>
 *     object <type> <oid> <body bytes> <stored bytes>
 *     <zlib stream of the body, stored bytes long, then a newline>
 *     snapshot <ref> <new commit> <old commit or zeros> <crc32, 8 hex digits>
 *
 * The crc covers the batch from its first byte to the blank before the crc. A batch that is torn
 * or does not match was never acknowledged: it and all after it do not exist.
 */
export interface WalObject {
  readonly oid: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** Where the zlib stream lies in the file. */
  readonly offset: number;
  readonly storedBytes: number;
}

export interface WalSnapshot {
  readonly ref: string;
  readonly commit: string;
  readonly old: string;
}

export interface WalBatch {
  readonly objects: readonly WalObject[];
  readonly snapshot: WalSnapshot;
}

/** An object on its way into the file. */
export interface NewObject {
  readonly oid: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** zlib stream of the body. */
  readonly stored: Buffer;
}

export const walName = "wal";
const magic = "opentraces-wal 1";
const lineBytesMax = 1024;
const newline = 0x0a;

export function walHeader(format: ObjectFormat, generation: string): Buffer {
  return Buffer.from(`${magic} ${format} ${generation}\n`, "latin1");
}

/** The generation in a header line and the header's length; null if it is no such file. */
export function readWalHeader(
  head: Buffer,
  format: ObjectFormat,
): { readonly generation: string; readonly sizeBytes: number } | null {
  const end = head.indexOf(newline);
  const match = /^opentraces-wal 1 (sha1|sha256) ([0-9a-f]{16})$/.exec(
    head.toString("latin1", 0, Math.max(end, 0)),
  );
  if (match === null || match[1] !== format || match[2] === undefined) return null;
  return { generation: match[2], sizeBytes: end + 1 };
}

/** The bytes of one batch. */
export function formatBatch(objects: readonly NewObject[], snapshot: WalSnapshot): Buffer {
  const parts: Buffer[] = [];
  for (const { type, oid, sizeBytes, stored } of objects) {
    parts.push(Buffer.from(`object ${type} ${oid} ${sizeBytes} ${stored.length}\n`, "latin1"));
    parts.push(stored, Buffer.from("\n"));
  }
  const { ref, commit, old } = snapshot;
  parts.push(Buffer.from(`snapshot ${ref} ${commit} ${old} `, "latin1"));
  const covered = Buffer.concat(parts);
  return Buffer.concat([covered, Buffer.from(`${checksum(covered)}\n`, "latin1")]);
}

function checksum(covered: Buffer): string {
  return crc32(covered).toString(16).padStart(8, "0");
}

/**
 * The whole batches in `bytes`, which start at `offset` of the file.
 *
 * `endOffset` is where the next batch belongs: behind the last one that counts.
 */
export function parseBatches(
  bytes: Buffer,
  offset: number,
): { readonly batches: readonly WalBatch[]; readonly endOffset: number } {
  const batches: WalBatch[] = [];
  let end = 0;
  for (;;) {
    const batch = parseBatch(bytes, end, offset);
    if (batch === null) return { batches, endOffset: offset + end };
    batches.push({ objects: batch.objects, snapshot: batch.snapshot });
    end = batch.end;
  }
}

function parseBatch(
  bytes: Buffer,
  start: number,
  offset: number,
): (WalBatch & { readonly end: number }) | null {
  const objects: WalObject[] = [];
  let at = start;
  for (;;) {
    const line = lineAt(bytes, at);
    if (line === null) return null;
    const bodyAt = at + line.length + 1;
    const object = objectOf(line, bodyAt + offset);
    if (object === null) return closeBatch(bytes, { start, at, line, objects });
    objects.push(object);
    at = bodyAt + object.storedBytes + 1;
    if (bytes[at - 1] !== newline) return null;
  }
}

function closeBatch(
  bytes: Buffer,
  batch: { start: number; at: number; line: string; objects: readonly WalObject[] },
): (WalBatch & { readonly end: number }) | null {
  const match = /^(snapshot (\S+) ([0-9a-f]+) ([0-9a-f]+) )([0-9a-f]{8})$/.exec(batch.line);
  if (match === null) return null;
  const [, covered = "", ref = "", commit = "", old = "", crc = ""] = match;
  const until = batch.at + covered.length;
  if (checksum(bytes.subarray(batch.start, until)) !== crc) return null;
  return {
    objects: batch.objects,
    snapshot: { ref, commit, old },
    end: batch.at + batch.line.length + 1,
  };
}

function lineAt(bytes: Buffer, at: number): string | null {
  const end = bytes.indexOf(newline, at);
  if (end < 0 || end - at > lineBytesMax) return null;
  return bytes.toString("latin1", at, end);
}

function objectOf(line: string, offset: number): WalObject | null {
  const match = /^object (blob|tree|commit) ([0-9a-f]+) (\d+) (\d+)$/.exec(line);
  if (match === null) return null;
  const [, type, oid = "", size, stored] = match;
  if (type !== "blob" && type !== "tree" && type !== "commit") return null;
  return { oid, type, sizeBytes: Number(size), storedBytes: Number(stored), offset };
}
