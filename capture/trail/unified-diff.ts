import type { Hunk } from "../model/trail.ts";
import { diffLines, endsWithoutNewline, newIndexOf, oldIndexOf, splitLines } from "./line-diff.ts";

/** Unchanged lines around each change. */
const contextLines = 3;

/** One side of a file's diff; null where there is no file. */
export interface DiffSide {
  readonly path: string;
  readonly text: string;
  /** Octal as git writes it; null where it is not known. */
  readonly mode: string | null;
}

/** Marks text of a file that is not shown: binary, too large or not recorded. */
export const hiddenContent = "\u0000hidden";

/** The unified diff of one file with git's headers; empty where nothing changed. */
export function unifiedDiff(before: DiffSide | null, after: DiffSide | null): string {
  const head = headerOf(before, after);
  if (before?.text === hiddenContent || after?.text === hiddenContent) {
    const names = `${nameOf("a", before)} and ${nameOf("b", after)}`;
    return `${head}Binary files ${names} differ\n`;
  }
  const olds = splitLines(before?.text ?? "");
  const news = splitLines(after?.text ?? "");
  const hunks = diffLines(marked(before, olds), marked(after, news));
  const isSame = hunks.length === 0;
  if (isSame) return before !== null && after !== null && before.path === after.path ? "" : head;
  const body = grouped(hunks).map((group) => hunkText(group, { before, after, olds, news }));
  return `${head}--- ${nameOf("a", before)}\n+++ ${nameOf("b", after)}\n${body.join("")}`;
}

function headerOf(before: DiffSide | null, after: DiffSide | null): string {
  const oldPath = before?.path ?? after?.path ?? "";
  const newPath = after?.path ?? oldPath;
  const lines = [`diff --git ${quoted(`a/${oldPath}`)} ${quoted(`b/${newPath}`)}`];
  if (before === null) lines.push(`new file mode ${after?.mode ?? "100644"}`);
  else if (after === null) lines.push(`deleted file mode ${before.mode ?? "100644"}`);
  else if (before.mode !== null && after.mode !== null && before.mode !== after.mode) {
    lines.push(`old mode ${before.mode}`, `new mode ${after.mode}`);
  }
  if (before !== null && after !== null && oldPath !== newPath) {
    lines.push(`rename from ${quoted(oldPath)}`, `rename to ${quoted(newPath)}`);
  }
  return `${lines.join("\n")}\n`;
}

function nameOf(prefix: "a" | "b", side: DiffSide | null): string {
  return side === null ? "/dev/null" : quoted(`${prefix}/${side.path}`);
}

/** As git quotes paths that would break its format. */
function quoted(path: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "\n": "\\n",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
  };
  if (!/["\\\n\t]/u.test(path)) return path;
  return `"${path.replaceAll(/["\\\n\t]/gu, (char) => escapes[char] ?? char)}"`;
}

interface Sides {
  readonly before: DiffSide | null;
  readonly after: DiffSide | null;
  readonly olds: readonly string[];
  readonly news: readonly string[];
}

/** Lines in which a last one without newline differs from the same line with one. */
function marked(side: DiffSide | null, lines: readonly string[]): readonly string[] {
  if (!endsWithoutNewline(side?.text ?? "")) return lines;
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""}\u0000`];
}

/** Hunks whose context would touch stand under one header. */
function grouped(hunks: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const gap = last === undefined ? Infinity : oldIndexOf(hunk) - oldIndexOf(last) - last.oldLines;
    if (group !== undefined && gap <= contextLines * 2) group.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function hunkText(group: readonly Hunk[], sides: Sides): string {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return "";
  const { olds, news } = sides;
  const lead = Math.min(contextLines, oldIndexOf(first), newIndexOf(first));
  const oldStart = oldIndexOf(first) - lead;
  const newStart = newIndexOf(first) - lead;
  const oldEnd = Math.min(olds.length, oldIndexOf(last) + last.oldLines + contextLines);
  const newEnd = Math.min(news.length, newIndexOf(last) + last.newLines + contextLines);
  const lines: string[] = [];
  let old = oldStart;
  for (const hunk of group) {
    for (; old < oldIndexOf(hunk); old += 1) lines.push(oldLine(" ", old, sides));
    for (; old < oldIndexOf(hunk) + hunk.oldLines; old += 1) lines.push(oldLine("-", old, sides));
    const newIndex = newIndexOf(hunk);
    for (let now = newIndex; now < newIndex + hunk.newLines; now += 1) {
      lines.push(newLine(now, sides));
    }
  }
  for (; old < oldEnd; old += 1) lines.push(oldLine(" ", old, sides));
  const ranges = `-${range(oldStart, oldEnd)} +${range(newStart, newEnd)}`;
  return `@@ ${ranges} @@\n${lines.join("")}`;
}

function oldLine(sign: " " | "-", index: number, { before, olds }: Sides): string {
  const isOpen = index === olds.length - 1 && endsWithoutNewline(before?.text ?? "");
  return `${sign}${olds[index] ?? ""}\n${isOpen ? "\\ No newline at end of file\n" : ""}`;
}

function newLine(index: number, { after, news }: Sides): string {
  const isOpen = index === news.length - 1 && endsWithoutNewline(after?.text ?? "");
  return `+${news[index] ?? ""}\n${isOpen ? "\\ No newline at end of file\n" : ""}`;
}

function range(start: number, end: number): string {
  const length = end - start;
  const first = length === 0 ? start : start + 1;
  return length === 1 ? String(first) : `${first},${length}`;
}
