import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { type Comment, parseSync } from "oxc-parser";

/** A file of a tree: `path` is relative to its root and has `/` between its parts. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export type Rule = (file: SourceFile) => Violation[];

/** A node of the syntax tree, with the members that the rules read. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

export interface Parsed {
  readonly program: SyntaxNode;
  readonly comments: readonly Comment[];
  /** Lines inside of a template literal that spans several. */
  readonly templateLines: ReadonlySet<number>;
  /** Lines with a regular expression. */
  readonly patternLines: ReadonlySet<number>;
  /** 1-based line of an offset in UTF-16 units. */
  readonly lineAt: (offset: number) => number;
}

const parsedFiles = new WeakMap<SourceFile, Parsed>();

/** The syntax tree of a file; parsed once. Throws on a syntax error. */
export function parsedOf(file: SourceFile): Parsed {
  const known = parsedFiles.get(file);
  if (known !== undefined) return known;
  const { program, comments, errors } = parseSync(file.path, file.text);
  if (errors[0] !== undefined) throw new Error(`${file.path}: ${errors[0].message}`);
  const lineAt = lineFinder(file.text);
  // Safe: every node of an ESTree program has these members.
  const top = program as unknown as SyntaxNode;
  const templateLines = new Set<number>();
  const patternLines = new Set<number>();
  walk(top, (node) => {
    if ("regex" in node) patternLines.add(lineAt(node.start));
    if (node.type !== "TemplateLiteral") return;
    const [first, last] = [lineAt(node.start), lineAt(node.end)];
    if (first < last) for (let line = first; line <= last; line += 1) templateLines.add(line);
  });
  const parsed = { program: top, comments, templateLines, patternLines, lineAt };
  parsedFiles.set(file, parsed);
  return parsed;
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after < 0 ? starts.length : after;
  };
}

/** Calls `visit` for each node, parents before children, with the chain of its ancestors. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void,
  ancestors: readonly SyntaxNode[] = [],
): void {
  visit(node, ancestors);
  const below = [...ancestors, node];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, below);
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** Reads the text files below `root`, without what is installed, built or recorded. */
export function readTree(root: string): SourceFile[] {
  const skipped = /^(node_modules|dist|artifacts|\.git)$/;
  const texts = /\.(ts|tsx|mts|mjs|cjs|js|json|md|css|svg|yml|sh)$|\/run$|^\.[a-z]+$/;
  const files: SourceFile[] = [];
  const read = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const at = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (folder === "" && skipped.test(entry.name)) continue;
      if (entry.isDirectory()) read(at);
      else if (entry.isFile() && texts.test(at)) {
        files.push({ path: at, text: readFileSync(path.join(root, at), "utf8") });
      }
    }
  };
  read("");
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
