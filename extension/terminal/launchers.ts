import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** Writes `ot` and `opentraces` into `folder`: scripts that run `cli` on this very Node. */
export function writeLaunchers(folder: string, cli: string): void {
  mkdirSync(folder, { recursive: true });
  const node = process.execPath;
  const posix = `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${quoted(node)} ${quoted(cli)} "$@"\n`;
  const windows = `@set ELECTRON_RUN_AS_NODE=1\r\n@"${node}" "${cli}" %*\r\n`;
  for (const name of ["ot", "opentraces"]) {
    const file = path.join(folder, name);
    replaceFile(file, posix);
    if (process.platform === "win32") replaceFile(`${file}.cmd`, windows);
  }
}

/** In one step: a terminal of another window may be running the old one. */
function replaceFile(file: string, text: string): void {
  try {
    if (readFileSync(file, "utf8") === text) return;
  } catch {
    // There is none yet.
  }
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o755 });
  renameSync(draft, file);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
