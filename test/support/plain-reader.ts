// Reads a bucket as `capture/ARCHITECTURE.md` describes it: nothing in here is the product's code.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";

import { expect } from "vitest";

export type Json = Record<string, unknown>;

/** `<harness>/<yyyy-mm>/<native id>` */
export function unitsBelow(sessions: string): string[] {
  return readdirSync(sessions).flatMap((harness) =>
    readdirSync(join(sessions, harness)).flatMap((month) => {
      expect(month).toMatch(/^\d{4}-\d{2}$/);
      return readdirSync(join(sessions, harness, month)).map((id) =>
        join(sessions, harness, month, id),
      );
    }),
  );
}

export function lines(path: string): string[] {
  const text = readFileSync(path, "utf8");
  expect(text === "" || text.endsWith("\n")).toBe(true);
  return text.split("\n").slice(0, -1);
}

export function records(path: string): Json[] {
  return lines(path).map((line) => JSON.parse(line) as Json);
}

export function blob(unit: string, sha256: string): Buffer {
  const file = readFileSync(join(unit, "blobs", sha256.slice(0, 2), sha256.slice(2)));
  const body = file.subarray(1);
  const bytes = [() => body, () => gunzipSync(body), () => zstdDecompressSync(body)][
    file[0] ?? 0
  ]?.();
  if (bytes === undefined) throw new Error(`no codec is called ${file[0]}`);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  return bytes;
}

/** Numbers of the native files: `source.jsonl` is 0, `source.<n>.jsonl` n. */
export function nativeFiles(unit: string): { part: string; number: number }[] {
  return readdirSync(unit).flatMap((name) => {
    const match = /^source((?:\.\d+)?)\.jsonl$/.exec(name);
    if (match?.[1] === undefined) return [];
    return [{ part: match[1], number: Number(match[1].slice(1) || 0) }];
  });
}

export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
}

export function contentLines(unit: string, side: unknown): string[] | null {
  if (side === null) return [];
  const { text } = side as { text: unknown };
  if (text === null) return null;
  const whole =
    typeof text === "string" ? text : blob(unit, String((text as Json)["blob"])).toString();
  return whole === "" ? [] : whole.replace(/\n$/, "").split("\n");
}

/** Starts are 1-based; a hunk of no lines stands behind the line that it names. */
export function applied(
  before: readonly string[],
  after: readonly string[],
  hunks: readonly Hunk[],
): string[] {
  const result: string[] = [];
  let at = 0;
  for (const { oldStart, oldLines, newStart, newLines } of hunks) {
    const start = oldLines === 0 ? oldStart : oldStart - 1;
    result.push(...before.slice(at, start));
    const from = newLines === 0 ? newStart : newStart - 1;
    result.push(...after.slice(from, from + newLines));
    at = start + oldLines;
  }
  return [...result, ...before.slice(at)];
}

export function gitBlobId(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

export interface WalFile {
  readonly format: string;
  readonly generation: string;
  /** Bodies by id. */
  readonly objects: ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;
  readonly snapshots: readonly {
    readonly ref: string;
    readonly commit: string;
    readonly old: string;
  }[];
}

/** Reads a write-ahead file up to where a batch is torn or does not match. */
export function readWal(file: string): WalFile {
  const bytes = readFileSync(file);
  const lineAt = (at: number): string => bytes.toString("latin1", at, bytes.indexOf(0x0a, at));
  const header = lineAt(0);
  const [, format = "", generation = ""] =
    /^opentraces-wal 1 (sha1|sha256) ([0-9a-f]{16})$/.exec(header) ?? [];
  const objects = new Map<string, { type: string; body: Buffer }>();
  const snapshots: { ref: string; commit: string; old: string }[] = [];
  let batchAt = header.length + 1;
  for (let at = batchAt; at < bytes.length;) {
    const line = lineAt(at);
    const [kind = "", ...words] = line.split(" ");
    if (kind === "object") {
      const [type = "", oid = "", size, stored] = words;
      const start = at + line.length + 1;
      const body = inflateSync(bytes.subarray(start, start + Number(stored)));
      expect(body).toHaveLength(Number(size));
      objects.set(oid, { type, body });
      at = start + Number(stored) + 1;
      expect(bytes[at - 1]).toBe(0x0a);
    } else {
      const [ref = "", commit = "", old = "", crc] = words;
      const covered = bytes.subarray(batchAt, at + line.lastIndexOf(" ") + 1);
      if (kind !== "snapshot" || crc32(covered).toString(16).padStart(8, "0") !== crc) break;
      snapshots.push({ ref, commit, old });
      at += line.length + 1;
      batchAt = at;
    }
  }
  return { format, generation, objects, snapshots };
}
