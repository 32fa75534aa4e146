import { lstat, readFile, readlink } from "node:fs/promises";
import path from "node:path";

import { isErrno, OtError } from "../base/errors.ts";
import { parseFileLine } from "./option-values.ts";

/** As git does: a NUL in the beginning of a file means that it is no text. */
const sniffedBytes = 8_000;

/** A text file on disk; `lines` without their ends. */
export interface WorkFile {
  /** Absolute. */
  readonly path: string;
  readonly lines: readonly string[];
}

/**
 * Reads a file that a question is about. Throws `not-found` for a missing one, `usage` for a
 * folder, for what is no file, and for a binary file.
 */
export async function readWorkFile(cwd: string, file: string): Promise<WorkFile> {
  const at = path.resolve(cwd, file);
  const text = textOf(file, await readBytes(at, file));
  return { path: at, lines: linesOf(text) };
}

/** Lines of a text as an editor counts them, but for the empty one behind the last newline. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Throws `not-found` for a line that the file does not have. */
export function checkLine(file: string, lines: readonly string[], line: number): void {
  if (line <= lines.length) return;
  const count = lines.length === 1 ? "1 line" : `${lines.length} lines`;
  throw new OtError("not-found", `${file} has ${count}; there is no line ${line}.`);
}

async function readBytes(at: string, file: string): Promise<Buffer> {
  const found = await lstat(at).catch((error: unknown) => {
    if (isErrno(error, "ENOENT", "ENOTDIR")) throw missing(file);
    throw new OtError("failed", `${file} could not be read.`, { cause: error });
  });
  if (found.isDirectory()) {
    throw new OtError("usage", `${file} is a folder; the question is about a file.`);
  }
  // A link is its target's name, as git has it.
  if (found.isSymbolicLink()) return Buffer.from(await readlink(at));
  if (!found.isFile()) throw new OtError("usage", `${file} is not a file with lines.`);
  return readFile(at).catch((error: unknown) => {
    throw new OtError("failed", `${file} could not be read.`, {
      hint: "Check who may read it.",
      cause: error,
    });
  });
}

function missing(file: string): OtError {
  // Compilers and grep print <file>:<line>:<column>; the last colon then cuts off the column.
  const [, shorter, line] = /^(.+):(\d+)$/u.exec(file) ?? [];
  if (shorter !== undefined && isColumn(file)) {
    return new OtError("not-found", `There is no file ${file}.`, {
      hint: `Without the column: ot why ${shorter}:${line}`,
    });
  }
  return new OtError("not-found", `There is no file ${file}.`, {
    hint: "For a file that only history has, name the commit: --rev <commit>.",
  });
}

function isColumn(file: string): boolean {
  try {
    return parseFileLine(file).line > 0;
  } catch {
    return false;
  }
}

function textOf(file: string, bytes: Buffer): string {
  if (!bytes.subarray(0, sniffedBytes).includes(0)) return bytes.toString("utf8");
  throw new OtError("usage", `${file} is a binary file: it has no lines.`);
}
