const newline = 0x0a;
const newlineBytes = Buffer.of(newline);

/** How a line is to stand in source: as it was read, or made up piece by piece. */
export type SourceLine =
  | { readonly verbatim: Buffer }
  | { readonly pieces: () => Iterable<Buffer> };

/** The lines with their newlines; clean ones that lay side by side are one piece. */
export function* sourcePieces(lines: readonly SourceLine[]): Generator<Buffer, void, void> {
  let run: Buffer | undefined;
  for (const line of lines) {
    const next = "verbatim" in line ? withNewline(line.verbatim) : undefined;
    if (run !== undefined && (next === undefined || !isBefore(run, next))) {
      yield run;
      run = undefined;
    }
    if (next !== undefined) {
      run = run === undefined ? next : viewOf(run, run.length + next.length);
      continue;
    }
    if ("pieces" in line) yield* line.pieces();
    else yield line.verbatim;
    yield newlineBytes;
  }
  if (run !== undefined) yield run;
}

/** A line with its newline, where that follows in the buffer that both were read into. */
function withNewline(line: Buffer): Buffer | undefined {
  const more = viewOf(line, line.length + 1);
  return more.length > line.length && more.at(-1) === newline ? more : undefined;
}

function isBefore(a: Buffer, b: Buffer): boolean {
  return a.buffer === b.buffer && a.byteOffset + a.length === b.byteOffset;
}

/** The same place of the same memory, of another length; shorter where the memory ends. */
function viewOf(start: Buffer, length: number): Buffer {
  const room = start.buffer.byteLength - start.byteOffset;
  return Buffer.from(start.buffer, start.byteOffset, Math.min(length, room));
}
