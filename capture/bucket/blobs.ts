import { createHash, hash, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { syncFolder, systemFault } from "../base/atomic-write.ts";
import { isErrno, OtError } from "../base/errors.ts";
import { compressedBlobBytesMin } from "../base/limits.ts";
import { type BlobText, headCharsMax, type Text } from "../model/text.ts";
import { blobPath } from "./unit-paths.ts";

/** First byte of a blob file: how its body is written. */
const blobCodecs = { raw: 0, gzip: 1, zstd: 2 } as const;

/** Blobs that are being compressed or written at once; more wait for room. */
const pendingBytesMax = 16 * 1024 * 1024;

/** Tells drafts of this process from those that one of the same id left behind. */
const draftsOfProcess = randomBytes(6).toString("hex");
let drafts = 0;

const fsyncAside = promisify(fsync);
const gzip = promisify(zlib.gzip);
const gunzip = promisify(zlib.gunzip);

export function sha256Hex(bytes: Buffer | string): string {
  return hash("sha256", bytes, "hex");
}

/** Reads one blob whole. Throws `not-found`, and `data-damaged` where the content is another. */
export async function readBlob(unitDir: string, sha256: string): Promise<Buffer> {
  let file;
  try {
    file = await readFile(blobPath(unitDir, sha256));
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    throw new OtError("not-found", `Blob ${sha256} is not in ${unitDir}.`);
  }
  const bytes = await decodedBody(file, sha256);
  if (sha256Hex(bytes) !== sha256) throw damaged(sha256);
  return bytes;
}

/** The whole of a text, wherever it lies. */
export async function readText(unitDir: string, text: Text): Promise<string> {
  if (typeof text === "string") return text;
  return (await readBlob(unitDir, text.blob)).toString("utf8");
}

/** The blobs of one unit, for its writer: each once, compressed aside on zlib's own threads. */
export class BlobWriter {
  readonly #unitDir: string;
  readonly #known = new Set<string>();
  readonly #pending = new Map<string, Promise<void>>();
  readonly #madeFolders = new Set<string>();
  /** True if the unit had no blobs when this writer came: then none needs to be looked for. */
  readonly #isNew: boolean;
  #pendingBytes = 0;
  #fault: unknown;

  constructor(unitDir: string) {
    this.#unitDir = unitDir;
    this.#isNew = !existsSync(join(unitDir, "blobs"));
  }

  /** Starts to write a text and answers how records refer to it. Durable only after a `flush`. */
  putText(
    text: string,
    bytes: Buffer = Buffer.from(text, "utf8"),
    options: { durable?: boolean } = {},
  ): BlobText {
    return { blob: this.put(bytes, options), bytes: bytes.length, head: headOf(text) };
  }

  /**
   * Starts to write `bytes` and answers their name. A fault shows at the next {@link flush}.
   *
   * What the folds put out of line can be made again from the source; what cannot is `durable`.
   */
  put(bytes: Buffer, options: { durable?: boolean } = {}): string {
    const sha256 = sha256Hex(bytes);
    if (this.#known.has(sha256) || this.#pending.has(sha256)) return sha256;
    this.#pendingBytes += bytes.length;
    const writing = this.#write(sha256, bytes, options.durable ?? false)
      .then(() => void this.#known.add(sha256))
      .catch((error: unknown) => void (this.#fault ??= error))
      .finally(() => {
        this.#pendingBytes -= bytes.length;
        this.#pending.delete(sha256);
      });
    this.#pending.set(sha256, writing);
    return sha256;
  }

  /** True when {@link flush} should come before more is put. */
  get isFull(): boolean {
    return this.#pendingBytes > pendingBytesMax;
  }

  /** Waits until every blob that was put is in its place. Throws what went wrong with any. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending.values());
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
  }

  /** A blob whose bytes come in pieces, for what is too long to hold twice. */
  async openStream(): Promise<BlobStream> {
    const draft = join(this.#unitDir, "blobs", draftName());
    this.#makeFolder(dirname(draft));
    return BlobStream.open(draft, async (sha256) => {
      const path = blobPath(this.#unitDir, sha256);
      this.#makeFolder(dirname(path));
      await rename(draft, path);
      this.#known.add(sha256);
    });
  }

  async #write(sha256: string, bytes: Buffer, durable: boolean): Promise<void> {
    const path = blobPath(this.#unitDir, sha256);
    if (!this.#isNew && (await exists(path))) return;
    const body =
      bytes.length < compressedBlobBytesMin ? undefined : await gzip(bytes, { level: 1 });
    const isSmaller = body !== undefined && body.length < bytes.length;
    const codec = Buffer.of(isSmaller ? blobCodecs.gzip : blobCodecs.raw);
    this.#makeFolder(dirname(path));
    const draft = join(dirname(path), draftName());
    try {
      // A small write into the page cache takes less than the way to another thread and back.
      const file = openSync(draft, "wx", 0o600);
      try {
        writeWhole(file, Buffer.concat([codec, isSmaller ? body : bytes]));
        if (durable) await fsyncAside(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, path);
      if (durable) await syncFolder(dirname(path));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw systemFault(error, path);
    }
  }

  #makeFolder(dir: string): void {
    if (this.#madeFolders.has(dir)) return;
    const parent = dirname(dir);
    if (parent !== this.#unitDir) this.#makeFolder(parent);
    try {
      mkdirSync(dir, { mode: 0o700 });
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw systemFault(error, dir);
    }
    this.#madeFolders.add(dir);
  }
}

/** One blob that is written in pieces. */
export class BlobStream {
  readonly #hash = createHash("sha256");
  readonly #gzip = zlib.createGzip({ level: 1 });
  readonly #done: Promise<void>;
  readonly #settle: (sha256: string) => Promise<void>;
  #bytes = 0;

  private constructor(
    done: (gz: zlib.Gzip) => Promise<void>,
    settle: (s: string) => Promise<void>,
  ) {
    this.#done = done(this.#gzip);
    this.#done.catch(() => undefined);
    this.#settle = settle;
  }

  static async open(draft: string, settle: (sha256: string) => Promise<void>): Promise<BlobStream> {
    const handle = await open(draft, "wx", 0o600).catch((error: unknown) => {
      throw systemFault(error, draft);
    });
    return new BlobStream(async (gz) => {
      try {
        await handle.write(Buffer.of(blobCodecs.gzip));
        for await (const part of gz) await handle.writeFile(part as Buffer); // Safe: a byte stream.
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw systemFault(error, draft);
      } finally {
        await handle.close();
      }
    }, settle);
  }

  async write(piece: Buffer): Promise<void> {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    if (this.#gzip.write(piece)) return;
    await Promise.race([new Promise((resolve) => this.#gzip.once("drain", resolve)), this.#done]);
  }

  /** Gives up; nothing stays behind. */
  async abort(): Promise<void> {
    this.#gzip.destroy(new Error("The blob was given up."));
    await this.#done.catch(() => undefined);
  }

  /** Ends the blob and puts it in its place. */
  async close(): Promise<{ readonly sha256: string; readonly bytes: number }> {
    this.#gzip.end();
    await this.#done;
    const sha256 = this.#hash.digest("hex");
    await this.#settle(sha256);
    return { sha256, bytes: this.#bytes };
  }
}

/** The first characters of a long text; never half of a surrogate pair. */
export function headOf(text: string): string {
  const head = text.slice(0, headCharsMax);
  const last = head.charCodeAt(head.length - 1);
  return text.length > head.length && last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head;
}

async function decodedBody(file: Buffer, sha256: string): Promise<Buffer> {
  const body = file.subarray(1);
  try {
    if (file[0] === blobCodecs.raw) return body;
    if (file[0] === blobCodecs.gzip) return await gunzip(body);
    if (file[0] === blobCodecs.zstd) return zlib.zstdDecompressSync(body);
  } catch (error) {
    throw damaged(sha256, error);
  }
  throw damaged(sha256);
}

function damaged(sha256: string, cause?: unknown): OtError {
  return new OtError("data-damaged", `Blob ${sha256} does not hold what its name says.`, {
    hint: "Run `ot bucket verify`.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function draftName(): string {
  drafts += 1;
  return `.${process.pid}-${draftsOfProcess}-${drafts}.tmp`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
