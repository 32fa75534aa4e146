import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Of larger files only the stamp is looked at. */
const readBytesMax = 64n * 1024n * 1024n;

/**
 * Everything of a folder that must not change when we look at it: names, modes, times, inodes and
 * bytes. Our own store and pins are left out.
 */
export function repositoryState(dir: string): string {
  const hash = createHash("sha1");
  walk(Buffer.from(dir), hash);
  return hash.digest("hex");
}

/** Names are bytes, for not all of them are text. */
function walk(folder: Buffer, hash: ReturnType<typeof createHash>): void {
  const names = readdirSync(folder, { encoding: "buffer" }).toSorted((a, b) => a.compare(b));
  for (const name of names) {
    const path = Buffer.concat([folder, Buffer.from("/"), name]);
    if (isOurs(path.toString("latin1"))) continue;
    const found = lstatSync(path, { bigint: true });
    if (found.isDirectory()) {
      walk(path, hash);
    } else {
      hash.update(path).update(`\0${stampOf(found)}\0`);
      if (found.isSymbolicLink()) hash.update(readlinkSync(path));
      else if (found.size <= readBytesMax) hash.update(readFileSync(path));
    }
  }
}

function stampOf({ mode, mtimeNs, ino, size }: BigIntStats): string {
  return [mode, mtimeNs, ino, size].join(" ");
}

function isOurs(path: string): boolean {
  return /\/\.git\/(?:modules\/.+\/)?(?:opentraces$|refs\/opentraces-pin-)/u.test(path);
}
