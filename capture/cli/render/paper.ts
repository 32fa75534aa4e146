import { styled, type StyleName } from "./escape.ts";
import { padEnd, padStart, widthOf, wrap } from "./width.ts";

/** What text is laid out for: the columns of a terminal, or no limit where it goes to a program. */
export interface Paper {
  /** `Infinity` where nobody reads along. */
  readonly columns: number;
  readonly isTerminal: boolean;
  /** The user's home folder, written as `~`; null to leave paths whole. */
  readonly home: string | null;
}

export const style = {
  bold: (text: string): string => styled("bold", text),
  dim: (text: string): string => styled("dim", text),
  red: (text: string): string => styled("red", text),
  green: (text: string): string => styled("green", text),
  yellow: (text: string): string => styled("yellow", text),
  cyan: (text: string): string => styled("cyan", text),
} satisfies Record<StyleName, (text: string) => string>;

/** `text` behind `indent`, broken to the paper's width. */
export function indented(paper: Paper, text: string, indent: string): string[] {
  const width = Math.max(20, paper.columns - widthOf(indent));
  return wrap(text, width).map((piece) => `${indent}${piece}`);
}

/** Columns side by side, each as wide as its widest cell; no blanks at the end of a line. */
export function columnsOf(
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly gap?: string } = {},
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? "")), 0),
  );
  const gap = options.gap ?? "  ";
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      if (options.right?.includes(column) === true) return padStart(cell, width);
      return column === row.length - 1 ? cell : padEnd(cell, width);
    });
    return cells.join(gap).trimEnd();
  });
}

/** A path as a person writes it. */
export function shownPath(paper: Paper, path: string): string {
  const { home } = paper;
  if (home === null || home === "/" || home === "") return path;
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
