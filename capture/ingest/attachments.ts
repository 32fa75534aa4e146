import { readFile, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { isErrno } from "../base/errors.ts";
import { attachmentBytesMax } from "../base/limits.ts";
import type { BlobWriter } from "../bucket/blobs.ts";
import type { HarnessAdapter, NativeFileRef } from "../harness/adapter.ts";
import type { AttachmentEvent } from "../model/events.ts";
import type { Gate } from "../security/gate-line.ts";

/** A file beside the transcript that belongs to the session. */
export interface AttachmentSource {
  /** As the record names it, or where it is. */
  readonly name: string;
  readonly path: string;
  /** The native file that it says something of. */
  readonly about?: NativeFileRef;
}

/**
 * Where a file that a record refers to is now; null unless it lies in the session's own folder.
 *
 * A transcript may name any path at all. Only what the agent keeps for this session is taken in,
 * also where the whole folder was moved since.
 */
export function attachmentPath(named: string, main: NativeFileRef): string | null {
  const marker = `/${main.nativeId}/`;
  const at = named.replaceAll("\\", "/").lastIndexOf(marker);
  if (at === -1) return null;
  const folder = join(dirname(main.path), main.nativeId);
  const path = join(folder, named.slice(at + marker.length));
  return path.startsWith(folder + sep) ? path : null;
}

/** The companions of native files, and the files that their records refer to. */
export function attachmentSources(
  refs: readonly NativeFileRef[],
  named: Iterable<string>,
  adapter: HarnessAdapter,
): AttachmentSource[] {
  const sources: AttachmentSource[] = [];
  for (const ref of refs) {
    for (const path of adapter.companions(ref)) sources.push({ name: path, path, about: ref });
  }
  const main = refs.find(({ agent }) => agent === null);
  if (main === undefined) return sources;
  for (const name of named) {
    const path = attachmentPath(name, main);
    if (path !== null) sources.push({ name, path });
  }
  return sources;
}

/** Takes files in as gated blobs; those known are looked at again only if they changed. */
export class Attachments {
  readonly #gate: Gate;
  readonly #blobs: BlobWriter;
  readonly #adapter: HarnessAdapter;
  /** Size and time of each file when it was last read. */
  readonly #stamps = new Map<string, string>();

  constructor(gate: Gate, blobs: BlobWriter, adapter: HarnessAdapter) {
    this.#gate = gate;
    this.#blobs = blobs;
    this.#adapter = adapter;
  }

  /** The event of a file that is new or changed; null for any other, also if it is not there. */
  async take(
    source: AttachmentSource,
    known: AttachmentEvent | undefined,
  ): Promise<Omit<AttachmentEvent, "seq"> | null> {
    // Outputs are written once; a companion is rewritten as its sub-agent goes on.
    if (known !== undefined && source.about === undefined) return null;
    const file = await this.#read(source.path);
    if (file === null) return null;
    const gated = this.#gate.bytes(file.raw);
    const blob = this.#blobs.put(gated.bytes, { durable: true });
    if (known?.blob === blob) return null;
    const { about } = source;
    const facts =
      about === undefined ? {} : this.#adapter.companionFacts(gated.bytes.toString("utf8"));
    return {
      r: "attachment",
      atMs: file.atMs,
      path: source.name,
      blob,
      bytes: gated.bytes.length,
      redactions: gated.redactions,
      ...(about === undefined ? {} : { about: { agent: about.agent, facts } }),
    };
  }

  async #read(path: string): Promise<{ raw: Buffer; atMs: number } | null> {
    try {
      const { size, mtimeMs, ino } = await stat(path);
      const stamp = `${size}:${mtimeMs}:${ino}`;
      if (size > attachmentBytesMax || this.#stamps.get(path) === stamp) return null;
      const raw = await readFile(path);
      this.#stamps.set(path, stamp);
      return { raw, atMs: Math.floor(mtimeMs) };
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EPERM", "ELOOP")) return null;
      throw error;
    }
  }
}
