import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";

/** The system cuts a longer path of a socket, silently; in bytes, with macOS as the strictest. */
const socketPathBytesMax = 100;

/** Where one machine user's engine listens, and what belongs to it. */
export interface EnginePlace {
  /** Path of a unix socket, or name of a pipe on Windows. */
  readonly address: string;
  /** Folder of the socket, to be made with mode 0700; null for a pipe. */
  readonly folder: string | null;
  /** Held while somebody binds. */
  readonly lockFile: string;
  readonly logFile: string;
}

/** One engine a home: a second home, as tests have, has an engine of its own. */
export function enginePlace(home: Home): EnginePlace {
  const common = {
    lockFile: path.join(home.engineDir, "lock"),
    logFile: path.join(home.engineDir, "log"),
  };
  const name = createHash("sha256").update(home.root).digest("hex").slice(0, 16);
  if (process.platform === "win32") {
    return { ...common, address: `\\\\.\\pipe\\opentraces-${name}`, folder: null };
  }
  const near = path.join(home.engineDir, "sock");
  if (Buffer.byteLength(near) <= socketPathBytesMax) {
    return { ...common, address: near, folder: home.engineDir };
  }
  const folder = path.join(os.tmpdir(), `opentraces-${process.getuid?.() ?? 0}-${name}`);
  return { ...common, address: path.join(folder, "sock"), folder };
}

/**
 * Makes the socket's folder, and makes sure that nobody else can have put a socket into it.
 *
 * Throws `engine-unreachable` for a folder of another user's, as somebody might make in `/tmp`.
 */
export async function prepareFolder({ folder }: EnginePlace): Promise<void> {
  if (folder === null) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && (process.getuid?.() ?? found.uid) === found.uid;
  if (isOurs && (found.mode & 0o022) === 0) return;
  throw new OtError(
    "engine-unreachable",
    `${folder} belongs to another user, or others may write it.`,
    {
      hint: "Remove that folder, or set OPENTRACES_HOME to one of your own.",
    },
  );
}
