import { mkdir, readFile, unlink } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { inflate } from "node:zlib";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { signatureOf } from "./plain-file.ts";
import { GitPipe, type Parsed } from "./pipe.ts";
import { type BytePath, foldersAbove, onDisk } from "./paths.ts";
import { placeOf, type Repository } from "./repository.ts";
import {
  type ContentSettings,
  readSettings,
  settingsFiles,
  sharedAttributeFiles,
} from "./settings.ts";

/** How the bytes of a path become a blob. */
export type Route = "raw" | "lines" | "lines-auto" | "filter";

const attributes = ["text", "crlf", "eol", "filter", "ident", "working-tree-encoding"];
const inflateAsync = promisify(inflate);

export interface FilterOptions {
  readonly repository: Repository;
  readonly storeDir: string;
  /** Filters are programs that the repository's configuration names: run only where trusted. */
  readonly trusted: boolean;
}

/**
 * Turns a file's bytes into what git would store: line ends, encodings, `$Id$`, clean filters.
 *
 * git itself does it, in a long-lived `hash-object`. Both helpers keep the attributes they read,
 * so they are started anew when an attribute file or a configuration file changed.
 */
export class ContentFilter implements Disposable {
  readonly #options: FilterOptions;
  readonly #attrs: GitPipe<readonly string[]>;
  readonly #hash: GitPipe<string>;
  readonly #settingsFiles: readonly string[];
  #settings: ContentSettings | undefined;
  #signature = "";
  readonly #folders = new Map<BytePath, string>();
  #sharedAttributes = false;
  /** Counts up whenever a blob of unchanged bytes may come out different. */
  epoch = 0;

  constructor(options: FilterOptions) {
    this.#options = options;
    this.#settingsFiles = settingsFiles(options.repository);
    const place = placeOf(options.repository);
    this.#attrs = new GitPipe({
      place,
      args: ["check-attr", "--stdin", "-z", ...attributes],
      parse: parseAttributes,
    });
    this.#hash = new GitPipe({
      // Into a folder of its own that borrows nothing: git leaves out what exists elsewhere.
      place: { ...place, env: { GIT_OBJECT_DIRECTORY: this.#incoming } },
      args: ["hash-object", "-w", "--stdin-paths"],
      parse: parseOid,
    });
  }

  get #incoming(): string {
    return path.join(this.#options.storeDir, "incoming");
  }

  /** Looks at the files that settings and attributes come from; call once a snapshot, first. */
  async refresh(op: Op): Promise<ContentSettings> {
    const { repository } = this.#options;
    const settings = await this.#freshSettings(op);
    const shared = sharedAttributeFiles(repository, settings).map(signatureOf);
    this.#sharedAttributes = shared.some((signature) => signature !== "");
    this.#note("shared", shared.join("|"));
    // Folders are looked at again, each when a path below it comes up.
    this.#seen.clear();
    return settings;
  }

  readonly #seen = new Set<BytePath>();

  async #freshSettings(op: Op): Promise<ContentSettings> {
    const { repository } = this.#options;
    const signature = this.#settingsFiles.map(signatureOf).join("|");
    if (this.#settings === undefined || signature !== this.#signature) {
      if (this.#settings !== undefined) this.#forgetAttributes();
      this.#signature = signature;
      this.#settings = await readSettings(op, repository);
    }
    return this.#settings;
  }

  /** Which way a path's content goes. */
  async route(op: Op, file: BytePath): Promise<Route> {
    const auto = this.#settings?.convertsLineEnds === true;
    const attributed = this.#hasAttributes(file);
    if (!attributed) return auto ? "lines-auto" : "raw";
    const [text, crlf, eol, filter, ident, encoding] = await this.#attrs.ask(
      op,
      Buffer.from(`${file}\0`, "latin1"),
    );
    if (isSet(filter) || isSet(ident) || isSet(encoding)) {
      return this.#options.trusted ? "filter" : "raw";
    }
    if (text === "unset" || (text === "unspecified" && crlf === "unset")) return "raw";
    if (text === "auto") return "lines-auto";
    if (isSet(text) || isSet(crlf) || isSet(eol)) return "lines";
    return auto ? "lines-auto" : "raw";
  }

  /** The blob that git makes of the file as it is on disk; null if its filter failed. */
  async clean(op: Op, file: BytePath): Promise<{ oid: string; body: Buffer } | null> {
    await mkdir(this.#incoming, { recursive: true });
    try {
      const oid = await this.#hash.ask(op, Buffer.from(`${quote(file)}\n`, "latin1"));
      return { oid, body: await this.#take(oid) };
    } catch (error) {
      // A missing or failing filter costs that one path its conversion, never the snapshot.
      if (error instanceof OtError && error.code === "git-failed") return null;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#attrs[Symbol.dispose]();
    this.#hash[Symbol.dispose]();
  }

  #hasAttributes(file: BytePath): boolean {
    let any = this.#sharedAttributes;
    for (const folder of ["", ...foldersAbove(file)]) {
      if (!this.#seen.has(folder)) {
        this.#seen.add(folder);
        const name = folder === "" ? ".gitattributes" : `${folder}/.gitattributes`;
        this.#note(folder, signatureOf(onDisk(this.#options.repository.workTree, name)));
      }
      any ||= (this.#folders.get(folder) ?? "") !== "";
    }
    return any;
  }

  #note(folder: BytePath, signature: string): void {
    const before = this.#folders.get(folder);
    this.#folders.set(folder, signature);
    if (before !== undefined ? before !== signature : signature !== "") this.#forgetAttributes();
  }

  #forgetAttributes(): void {
    this.epoch += 1;
    this.#attrs.restart();
    this.#hash.restart();
  }

  /** Reads a loose object that hash-object just wrote, and removes it. */
  async #take(oid: string): Promise<Buffer> {
    const file = path.join(this.#incoming, oid.slice(0, 2), oid.slice(2));
    const raw = await inflateAsync(await readFile(file));
    await unlink(file);
    return raw.subarray(raw.indexOf(0) + 1);
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "unspecified" && value !== "unset";
}

/** `path NUL attribute NUL value NUL` for each attribute, in the order they were asked. */
function parseAttributes(bytes: Buffer): Parsed<readonly string[]> {
  const values: string[] = [];
  let at = 0;
  for (let field = 0; field < attributes.length * 3; field++) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return { needBytes: bytes.length + 1 };
    if (field % 3 === 2) values.push(bytes.toString("utf8", at, end));
    at = end + 1;
  }
  return { reply: values, usedBytes: at };
}

function parseOid(bytes: Buffer): Parsed<string> {
  const newline = bytes.indexOf(0x0a);
  if (newline < 0) return { needBytes: bytes.length + 1 };
  return { reply: bytes.toString("latin1", 0, newline), usedBytes: newline + 1 };
}

/** A line of `--stdin-paths`: git unquotes one that starts with a quotation mark. */
function quote(file: BytePath): string {
  if (!/["\n\\]/.test(file)) return file;
  const escaped = file.replace(/["\\]/g, (char) => `\\${char}`).replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
