import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../base/errors.ts";
import { createGate, type Gate } from "../security/gate-line.ts";
import { knownSecretsOfEnvFile, knownSecretsOfEnvironment } from "../security/known-secrets.ts";

/** Version of the detectors that a unit was gated with. */
export const gateVersion = 1;

const envFileBytesMax = 256 * 1024;
const envFilesMax = 16;
/** Gates that are kept; making one takes a few milliseconds. */
const gatesMax = 32;

/** Gate 1 of one folder, and the literal values that it looks for. */
export interface FolderGate extends Gate {
  readonly knownSecrets: readonly string[];
}

/** Gate 1 for each folder that sessions work in; it knows the secrets of its `.env` files. */
export class Gates {
  readonly #key: Buffer;
  readonly #ofEnvironment: readonly string[];
  readonly #gates = new Map<string, FolderGate>();

  constructor(key: Buffer, env: Readonly<Record<string, string | undefined>>) {
    this.#key = key;
    this.#ofEnvironment = knownSecretsOfEnvironment(env);
  }

  /** The gate for a session that works in `folder`, with the secrets that lie there now. */
  async gateFor(folder: string | null): Promise<FolderGate> {
    const ofFiles = folder === null ? [] : await envFileSecrets(folder);
    const knownSecrets = [...new Set([...this.#ofEnvironment, ...ofFiles])].toSorted();
    const name = knownSecrets.join("\0");
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const gate = { ...createGate({ key: this.#key, knownSecrets }), knownSecrets };
    if (this.#gates.size >= gatesMax) this.#gates.clear();
    this.#gates.set(name, gate);
    return gate;
  }
}

async function envFileSecrets(folder: string): Promise<string[]> {
  const secrets: string[] = [];
  try {
    const names = (await readdir(folder)).filter((name) => /^\.env(?:\.|$)/.test(name));
    for (const name of names.toSorted().slice(0, envFilesMax)) {
      const path = join(folder, name);
      const { size } = await stat(path);
      // An example file holds no secrets, and its values would hide ordinary words.
      if (size > envFileBytesMax || /example|sample|template/.test(name)) continue;
      secrets.push(...knownSecretsOfEnvFile(await readFile(path, "utf8")));
    }
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EISDIR")) throw error;
  }
  return secrets;
}
