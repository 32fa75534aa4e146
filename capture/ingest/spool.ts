import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemFault } from "../base/atomic-write.ts";
import { isErrno } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import {
  badHookBytesMax,
  badHooksMax,
  hookBytesMax,
  spoolBytesMax,
  spoolFilesMax,
} from "../base/limits.ts";
import { parseSpoolName, type SpoolName } from "./hook-payload.ts";

/** One hook call that waits in the spool. */
export interface SpoolEvent extends SpoolName {
  readonly fileName: string;
  /** As it came on the hook's stdin; not gated. */
  readonly raw: Buffer;
  /** How the shim itself marked the boundary; null where it did not. */
  readonly boundary: Boundary | null;
}

export type Boundary =
  | { readonly kind: "snapshot"; readonly commit: string; readonly tree: string }
  | { readonly kind: "none"; readonly why: string };

/** An answer file is looked at by a shim that waits for a second; then it is litter. */
const answerAgeMsMax = 10_000;

/** The folder in which hooks drop their payloads; see ARCHITECTURE.md under Spool. */
export class Spool {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  /** Names of the events that wait, oldest first. */
  async names(): Promise<string[]> {
    try {
      const names = await readdir(this.#home.spoolDir);
      return names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).toSorted();
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
      throw systemFault(error, this.#home.spoolDir);
    }
  }

  /** One event; null if it is gone, `"bad"` if it can never be one. */
  async read(fileName: string): Promise<SpoolEvent | "bad" | null> {
    const name = parseSpoolName(fileName);
    if (name === null) return "bad";
    const path = join(this.#home.spoolDir, fileName);
    try {
      if ((await stat(path)).size > hookBytesMax) return "bad";
      const raw = await readFile(path);
      return { ...name, fileName, raw, boundary: await this.#boundary(name.stem) };
    } catch (error) {
      if (isErrno(error, "ENOENT")) return null;
      if (isErrno(error, "EISDIR", "EACCES", "EPERM")) return "bad";
      throw systemFault(error, path);
    }
  }

  /** Takes an event out, once it is durable elsewhere. */
  async remove(fileName: string): Promise<void> {
    const stem = fileName.replace(/\.json$/, "");
    await rm(join(this.#home.spoolDir, fileName), { force: true });
    await rm(join(this.#home.spoolDir, `${stem}.boundary`), { force: true });
  }

  /**
   * Puts an event aside that cannot be taken in, so that somebody can look at it: gated, since
   * nobody knows how long it stays. The oldest go where there are too many.
   */
  async setAside(fileName: string, gate: (raw: Buffer) => Promise<Buffer>): Promise<void> {
    const { spoolDir, spoolBadDir } = this.#home;
    const path = join(spoolDir, fileName);
    try {
      await mkdir(spoolBadDir, { recursive: true, mode: 0o700 });
      await writeFile(join(spoolBadDir, fileName), await keptOfBad(path, gate), { mode: 0o600 });
      await rm(path, { force: true, recursive: true });
      await this.remove(fileName);
      await this.#trimBad();
    } catch (error) {
      throw systemFault(error, spoolBadDir);
    }
  }

  async #trimBad(): Promise<void> {
    const folder = this.#home.spoolBadDir;
    let bytes = 0;
    for (const [at, name] of (await readdir(folder)).toSorted().toReversed().entries()) {
      bytes += (await stat(join(folder, name))).size;
      const isOver = at >= badHooksMax || (at > 0 && bytes > badHookBytesMax);
      if (isOver) await rm(join(folder, name), { force: true, recursive: true });
    }
  }

  /** Tells the waiting hook that its boundary was taken. */
  async answer(stem: string): Promise<void> {
    const path = join(this.#home.spoolDir, "done", stem);
    try {
      await mkdir(join(this.#home.spoolDir, "done"), { recursive: true, mode: 0o700 });
      await writeFile(path, "", { mode: 0o600 });
    } catch (error) {
      throw systemFault(error, path);
    }
  }

  /** Removes answers that nobody waits for any more. */
  async removeOldAnswers(nowMs: number): Promise<void> {
    const folder = join(this.#home.spoolDir, "done");
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
      if (nowMs - mtimeMs > answerAgeMsMax) await rm(path, { force: true });
    }
  }

  /** Says that somebody takes events in right now. */
  async beat(nowMs: number): Promise<void> {
    const path = join(this.#home.spoolDir, ".heartbeat");
    try {
      await mkdir(this.#home.spoolDir, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.tmp`, `${Math.floor(nowMs / 1000)} ${process.pid}\n`, {
        mode: 0o600,
      });
      await rename(`${path}.tmp`, path);
    } catch (error) {
      throw systemFault(error, path);
    }
  }

  async stopBeating(): Promise<void> {
    await rm(join(this.#home.spoolDir, ".heartbeat"), { force: true });
  }

  /** Drops the oldest events over the limit; answers how many were dropped, here or by the shim. */
  async dropOverflow(names: readonly string[]): Promise<number> {
    const over = Math.max(names.length - spoolFilesMax, await this.#overBytes(names), 0);
    for (const name of names.slice(0, over)) await this.remove(name);
    return over + (await this.#takeDropped());
  }

  /** How many of the oldest have to go for the rest to be small enough. */
  async #overBytes(names: readonly string[]): Promise<number> {
    if (names.length * hookBytesMax <= spoolBytesMax) return 0;
    let bytes = 0;
    for (const [at, name] of names.toReversed().entries()) {
      const found = await stat(join(this.#home.spoolDir, name)).catch(() => null);
      bytes += found?.size ?? 0;
      if (bytes > spoolBytesMax) return names.length - at;
    }
    return 0;
  }

  async #boundary(stem: string): Promise<Boundary | null> {
    const path = join(this.#home.spoolDir, `${stem}.boundary`);
    const text = await readFile(path, "utf8").catch(() => null);
    const [kind, first, second] = text?.trim().split(" ") ?? [];
    const isId = (id: string | undefined): id is string => /^[0-9a-f]{40,64}$/.test(id ?? "");
    if (kind === "snapshot" && isId(first) && isId(second)) {
      return { kind, commit: first, tree: second };
    }
    return kind === "none" ? { kind, why: first ?? "unknown" } : null;
  }

  async #takeDropped(): Promise<number> {
    const path = join(this.#home.spoolDir, "dropped");
    const text = await readFile(path, "utf8").catch(() => "");
    if (text === "") return 0;
    await rm(path, { force: true });
    return text.split("\n").reduce((sum, line) => sum + (Number(line) || 0), 0);
  }
}

/** What is kept of an event that is put aside. */
async function keptOfBad(path: string, gate: (raw: Buffer) => Promise<Buffer>): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > hookBytesMax) return Buffer.from(`{"opentraces":"over-limit","bytes":${size}}`);
    return await gate(await readFile(path));
  } catch (error) {
    if (isErrno(error, "ENOENT", "EISDIR", "EACCES", "EPERM")) return Buffer.alloc(0);
    throw error;
  }
}
