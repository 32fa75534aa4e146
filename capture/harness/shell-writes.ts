import { posix } from "node:path";
import type { WrittenPart } from "../model/trail.ts";

/** What a command line says that it writes into one file; `path` as the command names it. */
export interface ShellWrite {
  readonly path: string;
  readonly parts: readonly WrittenPart[];
}

/** Files that one command is believed to write at most. */
const filesMax = 40;

/** A longer command is not looked at. */
const commandCharsMax = 1024 * 1024;

/** A here-document: the line that opens it, and its body. */
interface HereDocument {
  readonly opener: string;
  readonly body: string;
}

const interpreter = /\b(?:python[\d.]*|node|perl|ruby|deno|bun|php)\b/u;
const redirect = /(?<![\d<>&])(>>?)\s*("[^"]+"|'[^']+'|[^\s;|&<>"']+)/u;
/** The name of a file as a program has it, in quotes. */
const fileName = /(["'`])([\w@~.+-]*(?:\/[\w@.+-]+)*\.[A-Za-z]\w{0,9})\1/gu;
/** Text in quotes of a program, with the escapes that it may hold. */
const longQuotes = /("""|'''|`)([\s\S]*?)\1/u;

/**
 * The texts that a shell command names together with the file they go into: here-documents and
 * echoes that are redirected or piped to `tee`, substitutions of `sed -i`, and the text of a short
 * program given on the command line that names a file.
 *
 * No shell: what a variable or another command gives is not known and left out.
 */
export function shellWrites(command: string): readonly ShellWrite[] {
  if (command.length > commandCharsMax) return [];
  const { documents, rest } = cutDocuments(command);
  const writes: ShellWrite[] = [];
  let folder = "";
  for (const statement of statementsOf(rest)) {
    const moved = /^\s*cd\s+("[^"]+"|'[^']+'|\S+)\s*$/u.exec(statement)?.[1];
    if (moved !== undefined) folder = below(folder, unquoted(moved));
    const found = writesOf(statement, documents);
    writes.push(...found.map(({ path, parts }) => ({ path: below(folder, path), parts })));
  }
  return writes.filter(({ path }) => isPlainPath(path)).slice(0, filesMax);
}

const documentMark = "\u0001";

/** Takes the bodies of here-documents out of a command, so that the rest reads as statements. */
function cutDocuments(command: string): { documents: readonly HereDocument[]; rest: string } {
  const documents: HereDocument[] = [];
  const kept: string[] = [];
  const lines = command.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const opened = /<<(-?)\s*(["']?)([\w.-]+)\2/u.exec(line);
    const end = opened?.[3];
    const last = end === undefined ? -1 : endOf(lines, at + 1, end, opened?.[1] === "-");
    if (last < 0 || opened === null) {
      kept.push(line);
      continue;
    }
    const body = lines
      .slice(at + 1, last)
      .map((text) => `${text}\n`)
      .join("");
    const mark = `${documentMark}${documents.length}${documentMark}`;
    documents.push({ opener: line, body });
    kept.push(line.replace(opened[0], mark));
    at = last;
  }
  return { documents, rest: kept.join("\n") };
}

function endOf(lines: readonly string[], from: number, end: string, isIndented: boolean): number {
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if ((isIndented ? line.trimStart() : line) === end) return at;
  }
  return -1;
}

/** Parts between `&&`, `||`, `;` and line ends, those within quotes apart. */
function statementsOf(command: string): readonly string[] {
  const parts: string[] = [""];
  for (const [token] of command.matchAll(/'[^']*'|"(?:[^"\\]|\\[\s\S])*"|&&|\|\||[;\n]|[\s\S]/gu)) {
    if (/^(?:&&|\|\||[;\n])$/u.test(token)) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts;
}

function writesOf(statement: string, documents: readonly HereDocument[]): readonly ShellWrite[] {
  const mark = new RegExp(`${documentMark}(\\d+)${documentMark}`, "u").exec(statement);
  const document = mark === null ? undefined : documents[Number(mark[1])];
  if (document !== undefined) return ofDocument(statement, document);
  if (/^\s*(?:sudo\s+)?g?sed\b/u.test(statement)) return ofSed(statement);
  if (/^\s*(?:echo|printf)\b/u.test(statement)) return ofEcho(statement);
  const program = /(?:-[ce]|--eval)\s+("(?:[^"\\]|\\[\s\S])*"|'[^']*')/u.exec(statement)?.[1];
  if (program !== undefined && interpreter.test(statement)) return ofProgram(unquoted(program));
  return [];
}

function ofDocument(statement: string, { body }: HereDocument): readonly ShellWrite[] {
  const text = statement.replaceAll(new RegExp(`${documentMark}\\d+${documentMark}`, "gu"), " ");
  const to = redirect.exec(text);
  const tee = /\btee\s+(-a\s+|--append\s+)?("[^"]+"|'[^']+'|[^\s;|&<>"']+)/u.exec(text);
  if (tee?.[2] !== undefined) return written(tee[2], body, tee[1] !== undefined);
  if (/^\s*(?:\w+=\S*\s+)*(?:sudo\s+)?cat\b/u.test(text) && to?.[2] !== undefined) {
    return written(to[2], body, to[1] === ">>");
  }
  return interpreter.test(text) ? ofProgram(body) : [];
}

/** `isAdded`: what stood there before stays. */
function written(path: string, after: string, isAdded: boolean): readonly ShellWrite[] {
  return [{ path: unquoted(path), parts: [{ before: isAdded ? "" : null, after, how: "once" }] }];
}

function ofEcho(statement: string): readonly ShellWrite[] {
  const to = redirect.exec(statement);
  const said = /^\s*(?:echo|printf)\s+(?:-[neE]+\s+)?("(?:[^"\\]|\\[\s\S])*"|'[^']*')/u.exec(
    statement,
  );
  if (to?.[2] === undefined || said?.[1] === undefined) return [];
  const text = unquoted(said[1]).replaceAll("\\n", "\n");
  return written(to[2], text.endsWith("\n") ? text : `${text}\n`, to[1] === ">>");
}

/** A program that names files may have put its own texts into any of them. */
function ofProgram(program: string): readonly ShellWrite[] {
  const paths = new Set([...program.matchAll(fileName)].map(([, , path = ""]) => path));
  const texts = [program];
  for (let rest = program; ;) {
    const quoted = longQuotes.exec(rest);
    if (quoted === null) break;
    texts.push(quoted[2] ?? "");
    rest = rest.slice(quoted.index + quoted[0].length);
  }
  const parts = texts
    .filter((after) => after.trim() !== "")
    .map((after) => ({ before: null, after, how: "once" }) as const);
  return [...paths].map((path) => ({ path, parts }));
}

function ofSed(statement: string): readonly ShellWrite[] {
  const words = wordsOf(statement);
  if (!words.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/u.test(word))) return [];
  const isExtended = words.some((word) => /^-[a-zA-Z]*[Er]/u.test(word));
  const parts: WrittenPart[] = [];
  const files: string[] = [];
  for (const word of words.slice(1)) {
    const found = substitutionsIn(word, isExtended);
    if (found.length > 0) parts.push(...found);
    else if (!word.startsWith("-") && /[\w*]/u.test(word)) files.push(word);
  }
  return parts.length === 0 ? [] : files.map((path) => ({ path, parts }));
}

/** The words of a statement, quotes taken off. */
function wordsOf(statement: string): readonly string[] {
  const words = statement.match(/(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|[^\s'"])+/gu) ?? [];
  return words.map((word) =>
    word.replaceAll(
      /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/gu,
      (_, plain?: string, quoted?: string) =>
        plain ?? (quoted ?? "").replaceAll(/\\(["\\$`])/gu, "$1"),
    ),
  );
}

const substitution =
  /(?:^|[;{\s\d$/])s([^\w\s\\])((?:\\[\s\S]|(?!\1)[^\\])*)\1((?:\\[\s\S]|(?!\1)[^\\])*)\1([gI\d]*)/gu;

function substitutionsIn(script: string, isExtended: boolean): readonly WrittenPart[] {
  const parts: WrittenPart[] = [];
  for (const [, mark = "/", from = "", to = "", flags = ""] of script.matchAll(substitution)) {
    const expression = expressionOf(from.replaceAll(`\\${mark}`, mark), isExtended);
    const kept = flags.includes("g") ? "g" : "";
    const before = `/${expression}/${kept}${flags.includes("I") ? "i" : ""}`;
    if (isExpression(expression)) {
      parts.push({
        before,
        after: replacementOf(to.replaceAll(`\\${mark}`, mark)),
        how: "pattern",
      });
    }
  }
  return parts;
}

/** A basic expression of sed, where operators are escaped, as JavaScript writes it. */
function expressionOf(text: string, isExtended: boolean): string {
  if (isExtended) return text;
  return text.replaceAll(
    /\\([(){}|+?])|([(){}|+?])/gu,
    (_, operator?: string, plain?: string) => operator ?? `\\${plain ?? ""}`,
  );
}

/** What sed puts in place of a match, as JavaScript writes it. */
function replacementOf(text: string): string {
  return text.replaceAll(
    /\\(\d)|\\([\s\S])|[&$]/gu,
    (whole: string, group: string | undefined, plain: string | undefined) => {
      if (group !== undefined) return `$${group}`;
      if (plain !== undefined) return plain === "n" ? "\n" : plain.replace("$", "$$$$");
      return whole === "&" ? "$&" : "$$";
    },
  );
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source).source !== "(?:)";
  } catch {
    return false;
  }
}

function below(folder: string, path: string): string {
  return folder === "" || posix.isAbsolute(path) ? path : posix.join(folder, path);
}

function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1, -1);
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(["\\$`])/gu, "$1") : word;
}

/** A path that no variable, pattern or other command has a part in. */
function isPlainPath(path: string): boolean {
  return !/[$`*?~\n]|^\/dev\/|^-/u.test(path) && path !== "";
}
