import { createHash, type Hash } from "node:crypto";
import { writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { systemFault } from "../base/atomic-write.ts";
import { chunkBytes } from "../base/limits.ts";

const newline = 0x0a;

/**
 * A file that only grows, by whole lines.
 *
 * Opening it cuts back a torn tail. An append that fails leaves the file as it was. There is one
 * writer at a time: whoever opens this holds the unit's lock.
 */
export class AppendFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  #hash: Hash | undefined;
  #bytes: number;
  #lines: number;
  #hasSynced = true;

  private constructor(path: string, handle: FileHandle, content: Content) {
    this.path = path;
    this.#handle = handle;
    this.#bytes = content.bytes;
    this.#lines = content.lines;
    this.#hash = content.hash;
  }

  /** `digest`: count the lines and keep the content's sha256, which costs reading it once. */
  static async open(path: string, options: { digest: boolean }): Promise<AppendFile> {
    let handle;
    try {
      handle = await open(path, "a+", 0o600);
      const { size } = await handle.stat();
      const bytes = await lastLineEnd(handle, size);
      if (bytes < size) await handle.truncate(bytes);
      const content = options.digest
        ? await contentOf(handle, bytes)
        : { bytes, lines: 0, hash: undefined };
      return new AppendFile(path, handle, content);
    } catch (error) {
      await handle?.close();
      throw systemFault(error, path);
    }
  }

  /** Length of the acknowledged content in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lines in it; only counted where a digest is kept. */
  get lines(): number {
    return this.#lines;
  }

  /** sha256 of the content, hex; undefined where it is not kept. */
  digest(): string | undefined {
    return this.#hash?.copy().digest("hex");
  }

  /** False if somebody else wrote the file meanwhile, or removed it. */
  async isCurrent(): Promise<boolean> {
    const { size, nlink } = await this.#handle.stat();
    return nlink > 0 && size === this.#bytes;
  }

  /**
   * Appends all of it or nothing: `lines` whole lines, in pieces that are made as they are written.
   *
   * Not yet durable: see {@link sync}.
   */
  async append(pieces: Iterable<Buffer>, lines: number): Promise<void> {
    const hash = this.#hash?.copy();
    let bytes = this.#bytes;
    try {
      for (const piece of pieces) {
        this.#writeWhole(piece);
        hash?.update(piece);
        bytes += piece.length;
      }
    } catch (error) {
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw systemFault(error, this.path);
    }
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#hash = hash;
    if (hash !== undefined) this.#lines += lines;
    this.#hasSynced = false;
  }

  /** Makes everything that was appended durable. */
  async sync(): Promise<void> {
    if (this.#hasSynced) return;
    try {
      await this.#handle.datasync();
      this.#hasSynced = true;
    } catch (error) {
      throw systemFault(error, this.path);
    }
  }

  /** Cuts back to a length that is known to end a line. Only for files without a digest. */
  async cutTo(bytes: number): Promise<void> {
    if (bytes >= this.#bytes) return;
    await this.#handle.truncate(bytes);
    this.#bytes = bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  /** Into the page cache, which takes less time than the way to another thread and back. */
  #writeWhole(part: Buffer): void {
    const { fd } = this.#handle;
    for (let written = 0; written < part.length;) written += writeSync(fd, part, written);
  }
}

/** Offset after the last newline before `size`. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  let end = size;
  while (end > 0) {
    // The usual file ends in a newline: one byte says so.
    const length = end === size ? 1 : Math.min(end, chunkBytes);
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, end - length);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(newline);
    if (at !== -1) return end - length + at + 1;
    end -= length;
  }
  return 0;
}

interface Content {
  readonly bytes: number;
  readonly lines: number;
  readonly hash: Hash | undefined;
}

async function contentOf(handle: FileHandle, bytes: number): Promise<Content> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(bytes, chunkBytes));
  let lines = 0;
  for (let at = 0; at < bytes;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - at), at);
    if (bytesRead === 0) break;
    const part = buffer.subarray(0, bytesRead);
    hash.update(part);
    for (let end = part.indexOf(newline); end !== -1; end = part.indexOf(newline, end + 1))
      lines += 1;
    at += bytesRead;
  }
  return { bytes, lines, hash };
}
