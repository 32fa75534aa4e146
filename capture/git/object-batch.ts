import { promisify } from "node:util";
import { deflate, deflateSync } from "node:zlib";

import { type ObjectFormat, objectId, type ObjectType } from "./objects.ts";
import type { NewObject } from "./wal-format.ts";

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

  /** Takes an object in, unless it is there already, and gives its id. */
  async put(type: ObjectType, body: Buffer): Promise<string> {
    const oid = objectId(this.#format, type, body);
    if (this.#objects.has(oid) || this.#isStored(oid)) return oid;
    const stored =
      body.length <= syncBytesMax
        ? deflateSync(body, { level })
        : await deflateAsync(body, { level });
    this.#objects.set(oid, { oid, type, sizeBytes: body.length, stored });
    this.sizeBytes += body.length;
    return oid;
  }
}
