import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { GitObject, ObjectType } from "./objects.ts";
import { GitPipe, type Parsed } from "./pipe.ts";
import type { GitPlace } from "./run.ts";

/** Longest object that is read whole. */
const objectBytesMax = 64 * 1024 * 1024;

const headerBytesMax = 4096;

/** What `cat-file --batch-check` knows of an object. */
export interface ObjectHeader {
  readonly oid: string;
  readonly type: ObjectType;
  readonly sizeBytes: number;
}

/**
 * A long-lived `git cat-file --batch`, with `--batch-check` beside it for sizes.
 *
 * Names may be ids or anything `rev-parse` takes; each is resolved when asked, so refs are fresh.
 */
export class ObjectReader implements Disposable {
  readonly #batch: GitPipe<GitObject | null>;
  readonly #check: GitPipe<ObjectHeader | null>;

  constructor(place: GitPlace) {
    this.#batch = new GitPipe({ place, args: ["cat-file", "--batch"], parse: parseObject });
    this.#check = new GitPipe({ place, args: ["cat-file", "--batch-check"], parse: parseHeader });
  }

  /** The object, null if there is none; throws `limit-exceeded` above {@link objectBytesMax}. */
  async read(op: Op, name: string): Promise<GitObject | null> {
    // A size is asked for first: the batch would send a huge object whole, wanted or not.
    const header = await this.header(op, name);
    if (header === null) return null;
    if (header.sizeBytes > objectBytesMax) {
      throw new OtError(
        "limit-exceeded",
        `Object ${header.oid} is ${header.sizeBytes} bytes; the limit is ${objectBytesMax}.`,
      );
    }
    return this.#batch.ask(op, `${header.oid}\n`);
  }

  /** Id, type and size of an object, null if there is none. */
  async header(op: Op, name: string): Promise<ObjectHeader | null> {
    if (name.includes("\n")) return null;
    return this.#check.ask(op, `${name}\n`);
  }

  [Symbol.dispose](): void {
    this.#batch[Symbol.dispose]();
    this.#check[Symbol.dispose]();
  }
}

/** `<oid> <type> <size>`, or `<name> missing`, `<name> ambiguous` and the like. */
function parseHeader(bytes: Buffer): Parsed<ObjectHeader | null> {
  const newline = bytes.indexOf(0x0a);
  if (newline < 0) return { needBytes: bytes.length + 1 };
  const [oid = "", type = "", size = ""] = bytes.toString("latin1", 0, newline).split(" ");
  const known = isObjectType(type) && /^\d+$/.test(size);
  return {
    reply: known ? { oid, type, sizeBytes: Number(size) } : null,
    usedBytes: newline + 1,
  };
}

function parseObject(bytes: Buffer): Parsed<GitObject | null> {
  const parsed = parseHeader(bytes.subarray(0, headerBytesMax));
  if ("needBytes" in parsed) return parsed;
  const { reply: header, usedBytes } = parsed;
  if (header === null) return { reply: null, usedBytes };
  const end = usedBytes + header.sizeBytes;
  if (bytes.length < end + 1) return { needBytes: end + 1 };
  // Copied: a slice would keep the whole pipe buffer alive as long as the object.
  const body = Buffer.from(bytes.subarray(usedBytes, end));
  return { reply: { oid: header.oid, type: header.type, body }, usedBytes: end + 1 };
}

function isObjectType(type: string): type is ObjectType {
  return type === "blob" || type === "tree" || type === "commit" || type === "tag";
}
