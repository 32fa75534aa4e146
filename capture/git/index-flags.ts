import { type ObjectFormat, oidBytes } from "./objects.ts";
import type { BytePath } from "./paths.ts";

/** Paths that `git status` passes over because the index says so. */
export interface FlaggedPaths {
  /** `assume-unchanged`: looked at in any case. */
  readonly assumed: readonly BytePath[];
  /** `skip-worktree`: looked at where they exist. */
  readonly sparse: readonly BytePath[];
}

/** Ten numbers of a file's `stat`, each of four bytes, stand before its id. */
const statBytes = 40;
const assumedBit = 0x8000;
const extendedBit = 0x4000;
const sparseBit = 0x4000;
const folderModeBits = 0o040000;

/**
 * Finds the flagged entries in the bytes of git's index, versions 2 to 4.
 *
 * Null where git must be asked: another version, an index in two files, one that holds folders for
 * what a sparse checkout left out, or a damaged one.
 */
export function flaggedInIndex(index: Buffer, format: ObjectFormat): FlaggedPaths | null {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC") return null;
  const version = index.readUInt32BE(4);
  const count = index.readUInt32BE(8);
  if (version < 2 || version > 4) return null;
  const assumed: BytePath[] = [];
  const sparse: BytePath[] = [];
  let at = 12;
  let name = "";
  for (let entry = 0; entry < count; entry++) {
    const flagsAt = at + statBytes + oidBytes[format];
    if (flagsAt + 4 > index.length) return null;
    if ((index.readUInt32BE(at + 24) & 0o170000) === folderModeBits) return null;
    const flags = index.readUInt16BE(flagsAt);
    const isExtended = (flags & extendedBit) !== 0;
    const more = isExtended ? index.readUInt16BE(flagsAt + 2) : 0;
    let nameAt = flagsAt + (isExtended ? 4 : 2);
    let kept = 0;
    if (version === 4) {
      const cut = readCut(index, nameAt);
      nameAt = cut.next;
      kept = name.length - cut.value;
    }
    const end = index.indexOf(0, nameAt);
    if (end < 0 || kept < 0) return null;
    const isFlagged = (flags & assumedBit) !== 0 || (more & sparseBit) !== 0;
    if (version === 4) name = name.slice(0, kept) + index.toString("latin1", nameAt, end);
    else if (isFlagged) name = index.toString("latin1", nameAt, end);
    if ((more & sparseBit) !== 0) sparse.push(name);
    else if ((flags & assumedBit) !== 0) assumed.push(name);
    // Before version 4 an entry ends in one to eight zeros, up to a multiple of eight.
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7);
  }
  return isPlain(index, at, oidBytes[format]) ? { assumed, sparse } : null;
}

/** How many bytes of the name before are cut off: seven bits a byte, each further one plus one. */
function readCut(index: Buffer, from: number): { value: number; next: number } {
  let at = from;
  let byte = index[at++] ?? 0;
  let value = byte & 127;
  while ((byte & 128) !== 0) {
    byte = index[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 127);
  }
  return { value, next: at };
}

/** True if all that follows the entries may be passed over: such parts begin with a capital. */
function isPlain(index: Buffer, from: number, checksumBytes: number): boolean {
  const until = index.length - checksumBytes;
  let at = from;
  while (at + 8 <= until) {
    const first = index[at] ?? 0;
    if (first < 0x41 || first > 0x5a) return false;
    at += 8 + index.readUInt32BE(at + 4);
  }
  return at === until;
}
