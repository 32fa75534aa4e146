// House rules as functions from files to violations; `test/unit/tidy.test.ts` applies them to this
// checkout and plants a violation of each.
import { parsedOf } from "./tidy-source.ts";
import type { Rule, SourceFile, Violation } from "./tidy-source.ts";
import { importRules } from "./tidy-imports.ts";
import { syntaxRules } from "./tidy-syntax.ts";

const lineCountMax = 400;
const columnsMax = 100;

/** Every rule about one file or about the whole tree, by name. */
export const tidyRules: Readonly<Record<string, Rule>> = {
  ...importRules,
  ...syntaxRules,
  "file-size": (file) =>
    isCode(file) ? over(file, "file-size", file.text.split("\n").length - 1, lineCountMax) : [],
  columns,
  "file-name": (file) => {
    const name = file.path.split("/").at(-1) ?? "";
    if (!isCode(file) || /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(name)) return [];
    return [{ rule: "file-name", path: file.path, line: 1, message: `${name} is not kebab-case` }];
  },
  "workplace-words": workplaceWords,
};

/** All violations of all rules in `files`, in the order of the files. */
export function tidy(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => Object.values(tidyRules).flatMap((rule) => rule(file)));
}

function isCode(file: SourceFile): boolean {
  return /\.(ts|tsx|mts|mjs|cjs)$/.test(file.path) && !file.path.startsWith("test/fixtures/");
}

function over(file: SourceFile, rule: string, count: number, max: number): Violation[] {
  if (count <= max) return [];
  return [{ rule, path: file.path, line: max + 1, message: `${count} lines; the limit is ${max}` }];
}

function columns(file: SourceFile): Violation[] {
  if (!isCode(file)) return [];
  const { templateLines, patternLines } = parsedOf(file);
  const isWide = (line: number): boolean =>
    patternLines.has(line) || (file.path.startsWith("test/") && templateLines.has(line));
  return file.text.split("\n").flatMap((text, index) => {
    // Addresses, patterns and a test's expected output cannot be broken.
    if (text.length <= columnsMax || /https?:\/\//.test(text) || isWide(index + 1)) return [];
    const message = `${text.length} columns; the limit is ${columnsMax}`;
    return [{ rule: "columns", path: file.path, line: index + 1, message }];
  });
}

// Written so that this file does not contain what it looks for.
const workplace: readonly RegExp[] = [
  /(?<![\w.])\/wor[k]\//,
  /\/roo[t]\//,
  /\bshare[d]\/([A-Z]+\.md|corpus|agents-lab|vscode-host)/,
  /\/tmp\/brie[f]/,
  /\bsession lea[d]\b/i,
  /\bregistry\.[a-z]+js\.(org|com)\b/,
];

function workplaceWords(file: SourceFile): Violation[] {
  return file.text.split("\n").flatMap((text, index) => {
    const found = workplace.map((word) => word.exec(text)?.[0]).find((word) => word !== undefined);
    if (found === undefined) return [];
    const message = `"${found}" names a place where this was made`;
    return [{ rule: "workplace-words", path: file.path, line: index + 1, message }];
  });
}
