import { createHash, hash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { syncFolder, systemFault } from "../base/atomic-write.ts";
import { isErrno, OtError } from "../base/errors.ts";
import { encoded } from "../base/encoded.ts";
import { compressedBlobBytesMin } from "../base/limits.ts";
import { type BlobText, headCharsMax, type Text } from "../model/text.ts";
import { blobCodecs, draftName, makeFolder, placeBlob, writeBlobDraft } from "./blob-file.ts";
import { blobPath } from "./unit-paths.ts";

/** Blobs that are being compressed or written at once; more wait for room. */
const pendingBytesMax = 16 * 1024 * 1024;

/** Compresses and writes blobs on another thread, where there is one. */
export interface BlobThread {
  /**
   * Takes the bytes over; undefined where the blob has to be written here. Rejects with what the
   * file system says.
   */
  writeBlob(blob: NewBlob): Promise<void> | undefined;
}

export interface NewBlob {
  readonly path: string;
  readonly bytes: Buffer;
  /** True if it may be in its place already. */
  readonly mayExist: boolean;
}

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

/** The blobs of one unit, for its writer: each once, compressed on another thread than this. */
export class BlobWriter {
  readonly #unitDir: string;
  readonly #known = new Set<string>();
  readonly #pending = new Map<string, Promise<void>>();
  /** True if the unit had no blobs when this writer came: then none needs to be looked for. */
  readonly #isNew: boolean;
  readonly #thread: BlobThread | undefined;
  #pendingBytes = 0;
  #fault: unknown;

  constructor(unitDir: string, thread?: BlobThread) {
    this.#unitDir = unitDir;
    this.#thread = thread;
    this.#isNew = !existsSync(join(unitDir, "blobs"));
  }

  /** Starts to write a text and answers how records refer to it. Durable only after a `flush`. */
  putText(text: string): BlobText {
    const bytes = encoded(text);
    const sha256 = sha256Hex(bytes);
    if (!this.#has(sha256)) this.#start(sha256, Buffer.from(bytes), false);
    return { blob: sha256, bytes: bytes.length, head: headOf(text) };
  }

  /**
   * Starts to write `bytes`, which are the writer's from here on, and answers their name. A fault
   * shows at the next {@link flush}.
   *
   * What the folds put out of line can be made again from the source; what cannot is `durable`.
   */
  put(bytes: Buffer, options: { durable?: boolean } = {}): string {
    const sha256 = sha256Hex(bytes);
    if (!this.#has(sha256)) this.#start(sha256, bytes, options.durable ?? false);
    return sha256;
  }

  #has(sha256: string): boolean {
    return this.#known.has(sha256) || this.#pending.has(sha256);
  }

  #start(sha256: string, bytes: Buffer, durable: boolean): void {
    const { length } = bytes;
    this.#pendingBytes += length;
    const writing = this.#write(sha256, bytes, durable)
      .then(() => void this.#known.add(sha256))
      .catch((error: unknown) => void (this.#fault ??= error))
      .finally(() => {
        this.#pendingBytes -= length;
        this.#pending.delete(sha256);
      });
    this.#pending.set(sha256, writing);
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
    const folder = join(this.#unitDir, "blobs");
    try {
      makeFolder(folder);
    } catch (error) {
      throw systemFault(error, folder);
    }
    const draft = join(folder, draftName());
    return BlobStream.open(draft, async (sha256) => {
      const path = blobPath(this.#unitDir, sha256);
      makeFolder(dirname(path));
      await rename(draft, path);
      this.#known.add(sha256);
    });
  }

  async #write(sha256: string, bytes: Buffer, durable: boolean): Promise<void> {
    const path = blobPath(this.#unitDir, sha256);
    try {
      const blob = { path, bytes, mayExist: !this.#isNew };
      const written = durable ? undefined : this.#thread?.writeBlob(blob);
      await (written ?? writeHere(blob, durable));
    } catch (error) {
      throw systemFault(error, path);
    }
  }
}

async function writeHere({ path, bytes, mayExist }: NewBlob, durable: boolean): Promise<void> {
  if (mayExist && (await exists(path))) return;
  const gzipped =
    bytes.length < compressedBlobBytesMin ? undefined : await gzip(bytes, { level: 1 });
  if (!durable) {
    placeBlob(path, { bytes, gzipped });
    return;
  }
  const draft = writeBlobDraft(path, { bytes, gzipped });
  try {
    await using handle = await open(draft, "r+");
    await handle.sync();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
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

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
