import { createHash, createHmac, hash, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { systemFault } from "../base/atomic-write.ts";
import { assert, isErrno, OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";

const keyBytes = 32;
/** Bytes that SHA-256 takes at once, as HMAC pads its key to. */
const blockBytes = 64;
/** Lines up to this size are hashed in one call. */
const shortBytesMax = 64 * 1024;

/** The key of every keyed hash of this bucket; made on first use. Throws `home-read-only`. */
export async function openKey(home: Home): Promise<Buffer> {
  const present = await readKey(home.keyFile);
  if (present !== undefined) return present;
  const draft = `${home.keyFile}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(home.root, { recursive: true, mode: 0o700 });
    await using handle = await open(draft, "wx", 0o600);
    await handle.writeFile(randomBytes(keyBytes));
    await handle.sync();
    // A link fails where a rename would replace: of two first users, one key wins for both.
    await link(draft, home.keyFile).catch((error: unknown) => {
      if (!isErrno(error, "EEXIST")) throw error;
    });
  } catch (error) {
    throw systemFault(error, home.keyFile);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  const made = await readKey(home.keyFile);
  if (made === undefined)
    throw new OtError("failed", `${home.keyFile} vanished while it was made.`);
  return made;
}

/** HMAC-SHA256 of a raw line under the bucket's key, hex. */
export function keyedHash(key: Buffer, bytes: Buffer | string): string {
  return createHmac("sha256", key).update(bytes).digest("hex");
}

/** The same for many short texts: several times as fast as making an HMAC each time. */
export class KeyedHasher {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor(key: Buffer) {
    assert(key.length <= blockBytes, "the key fits into a block of the hash");
    const padded = Buffer.alloc(blockBytes);
    key.copy(padded);
    this.#inner = Buffer.concat([padded.map((byte) => byte ^ 0x36), Buffer.alloc(shortBytesMax)]);
    this.#outer = Buffer.concat([padded.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  }

  /** As {@link keyedHash}. */
  hash(bytes: Buffer): string {
    const inner = bytes.length <= shortBytesMax ? this.#short(bytes) : this.#long(bytes);
    inner.copy(this.#outer, blockBytes);
    return hash("sha256", this.#outer, "hex");
  }

  #short(bytes: Buffer): Buffer {
    bytes.copy(this.#inner, blockBytes);
    return hash("sha256", this.#inner.subarray(0, blockBytes + bytes.length), "buffer");
  }

  #long(bytes: Buffer): Buffer {
    return createHash("sha256").update(this.#inner.subarray(0, blockBytes)).update(bytes).digest();
  }
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let key;
  try {
    key = await readFile(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw systemFault(error, path);
  }
  if (key.length === keyBytes) return key;
  throw new OtError("data-damaged", `${path} holds ${key.length} bytes instead of ${keyBytes}.`, {
    hint: "Restore it from a backup; a new key would not match what is recorded.",
  });
}
