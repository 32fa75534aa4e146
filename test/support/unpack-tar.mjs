import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const blockBytes = 512;

/**
 * Unpacks a plain ustar archive: files and folders with short names, which is all that the
 * archives in npm packages hold. Throws on a name that leaves `folder`.
 *
 * @param {Buffer} archive
 * @param {string} folder
 */
export function unpackTar(archive, folder) {
  let offset = 0;
  while (offset + blockBytes <= archive.length && archive[offset] !== 0) {
    const header = archive.subarray(offset, offset + blockBytes);
    const sizeBytes = parseInt(text(header, 124, 12), 8) || 0;
    const contentAt = offset + blockBytes;
    writeEntry(header, archive.subarray(contentAt, contentAt + sizeBytes), folder);
    offset = contentAt + Math.ceil(sizeBytes / blockBytes) * blockBytes;
  }
}

function writeEntry(header, content, folder) {
  const name = text(header, 0, 100);
  const target = path.resolve(folder, name);
  if (!target.startsWith(path.resolve(folder) + path.sep) && target !== path.resolve(folder)) {
    throw new Error(`The archive names a file outside its folder: ${name}`);
  }
  const type = text(header, 156, 1);
  if (type === "5") mkdirSync(target, { recursive: true });
  else if (type === "0" || type === "") {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: parseInt(text(header, 100, 8), 8) & 0o777 });
  }
}

function text(header, start, length) {
  const field = header.toString("latin1", start, start + length);
  return field.split("\0")[0].trim();
}
