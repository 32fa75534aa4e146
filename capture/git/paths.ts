/**
 * Paths inside git are bytes. In here they are strings with one character a byte (latin1), which
 * sort and compare as git does; {@link toModelPath} and {@link toBytePath} lead to the model's form
 * and back.
 */
export type BytePath = string;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A piece of text that would read as an escape: its backslash is escaped in turn. */
const looksEscaped = /\\(?=x(?:[89a-f][0-9a-f]|5c))/g;

/** The path as the records carry it: UTF-8, each byte that is not as `\xNN`. Never throws. */
export function toModelPath(bytes: BytePath): string {
  const buffer = Buffer.from(bytes, "latin1");
  if (buffer.every((byte) => byte < 0x80)) return bytes.replace(looksEscaped, "\\x5c");
  return decodePieces(buffer);
}

function decodePieces(buffer: Buffer): string {
  let text = "";
  let at = 0;
  while (at < buffer.length) {
    const size = sequenceLength(buffer, at);
    if (size === 0) {
      text += `\\x${(buffer[at] ?? 0).toString(16).padStart(2, "0")}`;
      at += 1;
    } else {
      text +=
        size === 1 && buffer[at] === 0x5c && escapesAt(buffer, at)
          ? "\\x5c"
          : buffer.toString("utf8", at, at + size);
      at += size;
    }
  }
  return text;
}

function escapesAt(buffer: Buffer, at: number): boolean {
  return /^\\x(?:[89a-f][0-9a-f]|5c)/.test(buffer.toString("latin1", at, at + 4));
}

/** Length of the valid UTF-8 sequence at `at`; 0 if there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size === 0 || at + size > buffer.length) return 0;
  try {
    utf8.decode(buffer.subarray(at, at + size));
    return size;
  } catch {
    return 0;
  }
}

/** The bytes of a path as the records carry it: the inverse of {@link toModelPath}. */
export function toBytePath(path: string): BytePath {
  return Buffer.from(path, "utf8")
    .toString("latin1")
    .replace(/\\x([89a-f][0-9a-f]|5c)/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** What the file system takes: `root` and the path below it, byte for byte. */
export function onDisk(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`, "utf8"), Buffer.from(path, "latin1")]);
}

/** The folder of a path; empty for the root. */
export function parentOf(path: BytePath): BytePath {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The folders above a path, outermost first, without the root. */
export function foldersAbove(path: BytePath): BytePath[] {
  const parts = path.split("/");
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** A path argument; arguments are UTF-8, so a name that is not cannot be asked for this way. */
export function nameOf(path: string): string {
  return Buffer.from(toBytePath(path), "latin1").toString("utf8");
}
