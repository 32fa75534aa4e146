import { plural } from "../../capture/base/words.ts";
import { html, parse } from "diff2html";

import { visibleText } from "../base/plain-text.ts";

/** Lines of one file's diff that an expanded row shows; the native diff shows the rest. */
const diffLinesMax = 400;
const filesMax = 20;
const patchCharsMax = 400_000;
const lineCharsMax = 1_000;
/** Within a line, changes are marked up to this length; beyond it the comparison takes too long. */
const markedLineCharsMax = 500;
const comparisonsMax = 400;

export interface DiffHtml {
  readonly html: string;
  readonly files: number;
  /** Lines that were left out. */
  readonly moreLines: number;
}

/** Draws a unified diff for an expanded timeline row. The webview sanitises it once more. */
export function diffHtml(patch: string): DiffHtml {
  const [shortened, cutLines] = shortenPatch(patch);
  const files = parse(visibleText(shortened));
  let moreLines = cutLines;
  const shown = files.slice(0, filesMax).map((file) => {
    let room = diffLinesMax;
    const blocks = file.blocks.flatMap((block) => {
      const lines = block.lines.slice(0, Math.max(0, room));
      room -= block.lines.length;
      return lines.length === 0 ? [] : [{ ...block, header: placeOf(block.header), lines }];
    });
    moreLines += Math.max(0, -room);
    return { ...file, blocks };
  });
  for (const file of files.slice(filesMax)) {
    moreLines += file.blocks.reduce((sum, { lines }) => sum + lines.length, 0);
  }
  if (shown.length === 0) return { html: "", files: 0, moreLines };
  return {
    html: drawn(shown),
    files: files.length,
    moreLines,
  };
}

/** Where a hunk has no words for its place there is nothing to draw, not even a blank line. */
function drawn(files: ReturnType<typeof parse>): string {
  const line = (text: string) => `<div class="d2h-code-line">${text}</div>`;
  return html(files, {
    outputFormat: "line-by-line",
    drawFileList: false,
    // Which removed line became which added one, so that only what differs in them is marked.
    matching: "lines",
    matchingMaxComparisons: comparisonsMax,
    maxLineLengthHighlight: markedLineCharsMax,
  }).replaceAll(line("&nbsp;"), line(""));
}

/** What git says of where a hunk is, e.g. its function: the numbers stand beside the lines. */
function placeOf(header: string): string {
  return /^@@ .*? @@ ?(.*)$/u.exec(header)?.[1] ?? "";
}

/** A patch that can be parsed and drawn at once, and how many lines at its end were left out. */
function shortenPatch(patch: string): readonly [string, number] {
  const kept: string[] = [];
  const lines = patch.split("\n");
  let room = patchCharsMax;
  for (const line of lines) {
    const short = shortenLine(line);
    room -= short.length + 1;
    if (room < 0) break;
    kept.push(short);
  }
  return [kept.join("\n"), lines.length - kept.length];
}

function shortenLine(line: string): string {
  if (line.length <= lineCharsMax) return line;
  return `${line.slice(0, lineCharsMax)} … ${plural(line.length - lineCharsMax, "character")} more`;
}
