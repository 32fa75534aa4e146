import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { homeAt } from "../../capture/base/home.ts";
import { lineBatches } from "../../capture/base/jsonl-batches.ts";
import { linesOf, readLines } from "../../capture/base/jsonl.ts";
import { quietOp } from "../../capture/base/op.ts";
import { AppendFile } from "../../capture/bucket/append-file.ts";
import { BlobWriter, headOf, readBlob, readText, sha256Hex } from "../../capture/bucket/blobs.ts";
import { KeyedHasher, keyedHash, openKey } from "../../capture/bucket/key.ts";
import { lockUnit, UnitWriter } from "../../capture/bucket/unit-writer.ts";
import { fillDisk } from "../support/full-disk.ts";

const made: string[] = [];

async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "ot-bucket-"));
  made.push(dir);
  return dir;
}

afterEach(async () => {
  for (const dir of made.splice(0)) await rm(dir, { recursive: true, force: true });
});

test("A torn tail is cut back at the next open, and appends follow the last line", async () => {
  const path = join(await scratch(), "source.jsonl");
  await writeFile(path, "one\ntwo\nthr");
  await using file = await AppendFile.open(path, { digest: true });
  expect([file.bytes, file.lines]).toEqual([8, 2]);
  await file.append([Buffer.from("three\n")], 1);
  await file.sync();
  expect(await readFile(path, "utf8")).toBe("one\ntwo\nthree\n");
  expect(file.digest()).toBe(sha256Hex("one\ntwo\nthree\n"));
});

test("On a full disk an append leaves nothing behind, and works again with room", async () => {
  const dir = await scratch();
  const path = join(dir, "source.jsonl");
  await using file = await AppendFile.open(path, { digest: true });
  await file.append([Buffer.from("one\n")], 1);
  {
    using _full = fillDisk(6);
    const appending = file.append([Buffer.from("two\n"), Buffer.from("three\n")], 2);
    await expect(appending).rejects.toMatchObject({ code: "disk-full" });
  }
  expect(await readFile(path, "utf8")).toBe("one\n");
  expect([file.bytes, file.lines, file.digest()]).toEqual([4, 1, sha256Hex("one\n")]);
  await file.append([Buffer.from("two\n"), Buffer.from("three\n")], 2);
  expect(await readFile(path, "utf8")).toBe("one\ntwo\nthree\n");
});

test("Source and map that a kill left uneven are brought to the same lines", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "source.jsonl"), "{}\n{}\n{}\n");
  await writeFile(join(dir, "source.map"), '{"o":0}\n{"o":3}\n{"o":');
  await using unit = await UnitWriter.open(dir);
  const { source, map } = await unit.native(0);
  expect([source.lines, map.lines]).toEqual([2, 2]);
  expect(await readFile(join(dir, "source.jsonl"), "utf8")).toBe("{}\n{}\n");
});

test("Two writers take turns, and each sees what the other wrote", async () => {
  const dir = join(await scratch(), "unit");
  await mkdir(dir);
  const op = quietOp();
  const lock = await lockUnit(op, dir);
  await expect(lockUnit(op, dir, { waitMs: 0 })).rejects.toMatchObject({ code: "busy" });
  await using unit = await UnitWriter.open(dir);
  const { source } = await unit.native(0);
  await source.append([Buffer.from("{}\n")], 1);
  expect(await unit.isCurrent()).toBe(true);
  await lock[Symbol.asyncDispose]();
  await appendFile(join(dir, "source.jsonl"), "{}\n");
  expect(await unit.isCurrent()).toBe(false);
});

test("A unit that was removed while it is open is not written into the void", async () => {
  const dir = join(await scratch(), "unit");
  await using unit = await UnitWriter.open(dir);
  await unit.native(0);
  expect(await unit.isCurrent()).toBe(true);
  await rm(dir, { recursive: true });
  expect(await unit.isCurrent()).toBe(false);
});

test("A blob comes back whole, once, compressed where that is smaller", async () => {
  const dir = await scratch();
  const blobs = new BlobWriter(dir);
  const long = "all work and no play\n".repeat(5_000);
  const text = blobs.putText(long);
  const short = blobs.put(Buffer.from("short"));
  expect(blobs.putText(long)).toEqual(text);
  await blobs.flush();
  expect(await readText(dir, text)).toBe(long);
  expect((await readBlob(dir, short)).toString()).toBe("short");
  const files = (
    await readdir(join(dir, "blobs"), { recursive: true, withFileTypes: true })
  ).filter((entry) => entry.isFile());
  expect(files).toHaveLength(2);
  expect(
    (await stat(join(dir, "blobs", text.blob.slice(0, 2), text.blob.slice(2)))).size,
  ).toBeLessThan(1_000);
});

test("A blob that is missing or damaged is said to be", async () => {
  const dir = await scratch();
  const blobs = new BlobWriter(dir);
  const name = blobs.put(Buffer.from("content"));
  await blobs.flush();
  await expect(readBlob(dir, "0".repeat(64))).rejects.toMatchObject({ code: "not-found" });
  const path = join(dir, "blobs", name.slice(0, 2), name.slice(2));
  await writeFile(path, Buffer.concat([Buffer.of(0), Buffer.from("other")]));
  await expect(readBlob(dir, name)).rejects.toMatchObject({ code: "data-damaged" });
  await writeFile(path, Buffer.concat([Buffer.of(1), Buffer.from("no gzip")]));
  await expect(readBlob(dir, name)).rejects.toMatchObject({ code: "data-damaged" });
});

test("A blob that cannot be written shows at the flush, and leaves no file", async () => {
  const dir = await scratch();
  await writeFile(join(dir, "blobs"), "in the way");
  const blobs = new BlobWriter(dir);
  blobs.put(Buffer.from("content"));
  await expect(blobs.flush()).rejects.toMatchObject({ code: "ENOTDIR" });
  await blobs.flush();
});

test("A head never ends in half of a character", () => {
  const text = `${"x".repeat(1_999)}😀 and more`;
  expect(headOf(text)).toBe("x".repeat(1_999));
  expect(headOf("😀")).toBe("😀");
});

test("The key is made once, whoever comes first, and a damaged one is not replaced", async () => {
  const home = homeAt(join(await scratch(), "home"));
  const [one, two] = await Promise.all([openKey(home), openKey(home)]);
  expect(one).toHaveLength(32);
  expect(two.equals(one)).toBe(true);
  expect((await stat(home.keyFile)).mode & 0o777).toBe(0o600);
  await writeFile(home.keyFile, "short");
  await expect(openKey(home)).rejects.toMatchObject({ code: "data-damaged" });
});

test("The fast keyed hash is HMAC-SHA256, for lines of every length", () => {
  const key = Buffer.alloc(32, 7);
  const hasher = new KeyedHasher(key);
  for (const length of [0, 1, 63, 64, 65, 65_536, 65_537, 300_000, 12]) {
    const line = Buffer.alloc(length, "line");
    expect(hasher.hash(line)).toBe(keyedHash(key, line));
  }
});

test("Lines of any length are found whole; a torn tail is left out", async () => {
  const path = join(await scratch(), "lines.jsonl");
  const lengths = [0, 5, 70_000, 1_048_575, 1_048_576, 3_000_000, 1];
  await writeFile(path, `${lengths.map((length) => "x".repeat(length)).join("\n")}\ntorn`);
  const seen: number[] = [];
  const end = await readLines(path, (line) => void seen.push(line.length));
  expect(seen).toEqual(lengths);
  expect(end).toBe((await stat(path)).size - 4);
  const iterated: number[] = [];
  for await (const line of linesOf(path)) iterated.push(line.length);
  expect(iterated).toEqual(lengths);
});

test("A line over the limit is told by its length alone", async () => {
  const path = join(await scratch(), "lines.jsonl");
  await writeFile(path, `a\n${"x".repeat(3_000_000)}\nb\n`);
  await using handle = await open(path, "r");
  const seen: (readonly [number, boolean])[] = [];
  for await (const { lines } of lineBatches(handle, 0, { lineBytesMax: 2_000_000 })) {
    for (const { length, bytes } of lines) seen.push([length, bytes !== null]);
  }
  expect(seen).toEqual([
    [1, true],
    [3_000_000, false],
    [1, true],
  ]);
});
