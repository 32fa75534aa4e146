import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import * as path from "node:path";

import { systemFault } from "../base/atomic-write.ts";
import { OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import type { CaptureFault } from "./engine.ts";

/** More than a file system keeps within an inode: a full disk has no room for it. */
const probeBytes = 4_096;

/**
 * Why nothing can be written below a home now; null where it can, or where there is no home yet.
 *
 * Tried, not asked: permissions say nothing of a full disk or a read-only file system.
 */
export function homeFault(home: Home): CaptureFault | null {
  if (!existsSync(home.root)) return null;
  const probe = path.join(home.root, `.probe-${process.pid}`);
  try {
    const file = openSync(probe, "w", 0o600);
    try {
      writeSync(file, Buffer.alloc(probeBytes));
    } finally {
      closeSync(file);
    }
    return null;
  } catch (error) {
    return faultOf(systemFault(error, home.root));
  } finally {
    removeProbe(probe);
  }
}

/** An error of capture as what a person is told of it. */
export function faultOf(error: unknown): CaptureFault {
  const { code, message, hint } =
    error instanceof OtError ? error : { code: "failed", message: String(error), hint: undefined };
  if (code === "disk-full" || code === "home-read-only") {
    return { code, message, hint: hint ?? "" };
  }
  return { code: "failed", message, hint: "It is tried again every few seconds." };
}

function removeProbe(probe: string): void {
  try {
    rmSync(probe, { force: true });
  } catch {
    // It was not made: the folder cannot be written.
  }
}
