import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Makes synchronous writes fail after so many bytes, as a full disk does. */
export function fillDisk(roomBytes: number): Disposable {
  const real = fs.writeSync;
  let left = roomBytes;
  const full = (fd: number, bytes: Buffer, offset = 0): number => {
    if (left === 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    const part = Math.min(left, bytes.length - offset);
    left -= part;
    return real(fd, bytes, offset, part);
  };
  // Safe: the code under test writes buffers, from an offset on, and in no other way.
  fs.writeSync = full as typeof fs.writeSync;
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]() {
      fs.writeSync = real;
      syncBuiltinESMExports();
    },
  };
}
