import { promisify } from "node:util";
import { deflate, deflateSync } from "node:zlib";

import { type ObjectFormat, objectId, type ObjectType } from "./objects.ts";
import type { NewObject } from "./wal-format.ts";
import { zlibStored } from "./zlib-stored.ts";

const deflateAsync = promisify(deflate);
const level = 1;
/** Below this, handing the work to a thread costs more than the work. */
const syncBytesMax = 32 * 1024;

/** The objects of one snapshot that the store does not have yet. */
export class ObjectBatch {
  readonly #format: ObjectFormat;
  readonly #isStored: (oid: string) => boolean;
  readonly #objects = new Map<string, NewObject>();
  /** Bytes of all bodies, before compression. */
  sizeBytes = 0;

  constructor(format: ObjectFormat, isStored: (oid: string) => boolean) {
    this.#format = format;
    this.#isStored = isStored;
  }

  get objects(): readonly NewObject[] {
    return [...this.#objects.values()];
  }

  /** Takes an object in, unless it is there already, and gives its id; `known` is that id. */
  async put(type: ObjectType, body: Buffer, known?: string): Promise<string> {
    const oid = known ?? objectId(this.#format, type, body);
    if (this.#objects.has(oid) || this.#isStored(oid)) return oid;
    const stored = await compressed(type, body);
    this.#objects.set(oid, { oid, type, sizeBytes: body.length, stored });
    this.sizeBytes += body.length;
    return oid;
  }
}

/**
 * Trees are mostly hashes, which nothing makes smaller, and commits are short: setting up zlib
 * costs more than it saves until consolidation makes deltas of them.
 */
async function compressed(type: ObjectType, body: Buffer): Promise<Buffer> {
  if (type !== "blob") return zlibStored(body);
  return body.length <= syncBytesMax ? deflateSync(body, { level }) : deflateAsync(body, { level });
}
