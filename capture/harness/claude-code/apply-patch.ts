/** A hunk as the client records it: lines with ` `, `-` or `+` before them. */
export interface RecordedHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

/**
 * Applies recorded hunks to the text they were made from, exactly.
 *
 * Every context and deleted line must stand where the hunk says, byte for byte; otherwise the
 * answer is undefined. Nothing is searched for.
 */
export function applyHunks(before: string, hunks: readonly RecordedHunk[]): string | undefined {
  const old = linesWithEnds(before);
  const result: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    // A hunk without old lines counts from the line after which it adds, or from that one.
    const start = Math.max(hunk.oldStart - 1, 0);
    if (start < at || start > old.length) return undefined;
    result.push(...old.slice(at, start));
    at = start;
    for (const [mark, line] of markedLines(hunk.lines)) {
      if (mark !== "+") {
        if (old[at] !== line) return undefined;
        at += 1;
      }
      if (mark !== "-") result.push(line);
    }
  }
  result.push(...old.slice(at));
  return result.join("");
}

/** Replaces one occurrence, or all; undefined where there is none, or not the only one. */
export function applyReplacement(
  before: string,
  edit: { readonly oldString: string; readonly newString: string; readonly isAll: boolean },
): string | undefined {
  const { oldString, newString, isAll } = edit;
  if (oldString === "") return before === "" ? newString : undefined;
  const first = before.indexOf(oldString);
  if (first === -1) return undefined;
  if (!isAll && before.includes(oldString, first + 1)) return undefined;
  // A deletion takes the end of its last line with it, as the client does it.
  const takesEnd =
    newString === "" && !oldString.endsWith("\n") && before.includes(`${oldString}\n`);
  return before.replaceAll(takesEnd ? `${oldString}\n` : oldString, () => newString);
}

/** True if `after` has at each hunk's place the lines that the hunk says it has then. */
export function showsHunks(after: string, hunks: readonly RecordedHunk[]): boolean {
  const lines = linesWithEnds(after);
  return hunks.every((hunk) => {
    let at = Math.max(hunk.newStart - 1, 0);
    for (const [mark, line] of markedLines(hunk.lines)) {
      if (mark === "-") continue;
      if (shown(lines[at] ?? "") !== shown(line)) return false;
      at += 1;
    }
    return true;
  });
}

/** The client shows leading tabs as two spaces, and does not care about the file's last newline. */
function shown(line: string): string {
  return line.replace(/\r?\n$/, "").replace(/^\t+/, (tabs) => "  ".repeat(tabs.length));
}

function* markedLines(lines: readonly string[]): Generator<readonly [mark: string, line: string]> {
  for (const [index, line] of lines.entries()) {
    const mark = line.charAt(0);
    if (mark === "\\") continue;
    const isUnended = lines[index + 1]?.startsWith("\\") === true;
    yield [mark === "" ? " " : mark, line.slice(1) + (isUnended ? "" : "\n")];
  }
}

function linesWithEnds(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
