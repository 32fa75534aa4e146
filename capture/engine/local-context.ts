import { realpath } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

import { OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import type { Logger } from "../base/log.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import { openKey } from "../bucket/key.ts";
import type { Catalog, RepositoryFilter } from "../bucket/index/catalog.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import type { UnitPlace } from "../bucket/units.ts";
import { adapters } from "../harness/registry.ts";
import { Ingest } from "../ingest/ingest.ts";
import type { TraceListAnswer } from "../model/answers.ts";
import type { TraceId } from "../model/ids.ts";
import { type Address, parseAddress } from "../query/address.ts";
import { Bucket } from "../query/bucket-views.ts";
import { RepoContext } from "../query/repo-context.ts";
import { consentOf, isTrusted, pausesOf } from "../setup/consent.ts";
import { RepositoryFinder } from "./repository-finder.ts";

export interface LocalContextOptions {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** How old an answer about the bucket may be; 0 looks at the disk each time. */
  readonly recheckMs?: number;
}

/** The session and the steps that an address names. */
export interface TracedSession {
  readonly place: UnitPlace & { readonly trace: TraceId };
  readonly selected: Address;
}

/** A file as the questions name it: the repository around it, and its path with links resolved. */
export interface PlacedFile {
  readonly context: RepoContext;
  readonly file: string;
}

/** What an engine in this process opens once and shares between its answers; each on first use. */
export class LocalContext implements AsyncDisposable {
  readonly home: Home;
  readonly env: LocalContextOptions["env"];
  readonly #options: LocalContextOptions;
  readonly #repos = new Map<string, Promise<RepoContext>>();
  readonly finder = new RepositoryFinder();
  #ingest: Promise<Ingest> | undefined;
  #bucket: Promise<Bucket> | undefined;

  constructor(options: LocalContextOptions) {
    this.home = options.home;
    this.env = options.env;
    this.#options = options;
  }

  /** Throws `home-read-only` where the home cannot be written. A failure is tried again. */
  ingest(): Promise<Ingest> {
    this.#ingest ??= Ingest.open({
      home: this.home,
      adapters,
      environment: { home: this.env["HOME"] ?? homedir(), env: this.env },
      consentOf: (folder) => consentOf(this.home, folder),
      pausesOf: (folder) => pausesOf(this.home, folder),
      trusted: (root) => isTrusted(this.home, root),
    }).catch((error: unknown) => {
      this.#ingest = undefined;
      throw error;
    });
    return this.#ingest;
  }

  bucket(): Promise<Bucket> {
    const { recheckMs } = this.#options;
    this.#bucket ??= openKey(this.home)
      .then((key) => new Bucket(this.home, key, recheckMs === undefined ? {} : { recheckMs }))
      .catch((error: unknown) => {
        this.#bucket = undefined;
        throw error;
      });
    return this.#bucket;
  }

  /** The repository around a folder. Throws `no-repository`. */
  async repo(op: Op, folder: string): Promise<RepoContext> {
    const repository = await this.finder.find(op, folder);
    const key = repository.workTree;
    const known = this.#repos.get(key);
    if (known !== undefined) return known;
    const opened = this.bucket().then((bucket) => new RepoContext(repository, bucket));
    this.#repos.set(key, opened);
    opened.catch(() => this.#repos.delete(key));
    return opened;
  }

  /** The repository around a file, which need not exist any more. */
  async placeFile(op: Op, file: string): Promise<PlacedFile> {
    const resolved = await resolvedFile(path.resolve(file));
    return { context: await this.repo(op, resolved.folder), file: resolved.file };
  }

  /** Sessions with the latest activity first; of one repository if `repo` is given. */
  async listTraces(
    op: Op,
    request: { readonly repo?: string; readonly sinceMs?: number; readonly limit: number },
  ): Promise<TraceListAnswer> {
    throwIfCancelled(op);
    const catalog = await this.catalog();
    const { repo, ...rest } = request;
    if (repo === undefined) return catalog.list(rest);
    return catalog.list({ ...rest, repository: await this.#filterOf(op, repo) });
  }

  /** Throws `not-found`, `ambiguous-trace` and `usage` for an address that names no one session. */
  async traced(address: string): Promise<TracedSession> {
    const selected = parseAddress(address);
    const catalog = await this.catalog();
    return { place: catalog.find(selected.trace), selected };
  }

  /**
   * The repository that a session worked in: `folder` if one is given, else where it ran.
   *
   * Throws `no-repository` where neither is one (any more).
   */
  async repoOfSession(
    op: Op,
    { place }: TracedSession,
    folder: string | undefined,
  ): Promise<RepoContext> {
    const session = await readSessionFile(place.dir);
    const ran = session?.repository?.root ?? session?.cwd ?? null;
    const here = folder === undefined ? null : await this.finder.findOrNull(op, folder);
    if (here !== null) {
      const roots = await this.finder.rootCommits(op, here);
      const isSame = session?.repository?.rootCommits.some((root) => roots.includes(root)) ?? false;
      const isGone = ran === null || !existsSync(ran);
      if (isSame || isGone) return this.repo(op, here.workTree);
    }
    if (ran !== null && existsSync(ran)) return this.repo(op, ran);
    throw new OtError(
      "no-repository",
      `${ran ?? "The folder"} that ${place.trace} ran in is gone.`,
      {
        hint: "Ask again inside the repository as it is called now.",
      },
    );
  }

  /** Sessions of a folder: by its repository's history and roots, else by the folder alone. */
  async #filterOf(op: Op, folder: string): Promise<RepositoryFilter> {
    const spelled = path.resolve(folder);
    const real = await realpath(spelled).catch(() => spelled);
    const repository = await this.finder.findOrNull(op, real);
    if (repository === null) return { rootCommits: [], roots: [spelled, real] };
    const roots = [repository.workTree, spelled, real];
    return { rootCommits: await this.finder.rootCommits(op, repository), roots };
  }

  /** After the bucket has changed: the next answer looks at the disk. */
  async markStale(): Promise<void> {
    if (this.#bucket !== undefined) (await this.#bucket).markStale();
    if (this.#ingest !== undefined) (await this.#ingest).catalog.markStale();
  }

  /** The sessions as they are on disk, or were a moment ago. */
  async catalog(): Promise<Catalog> {
    const { catalog } = await this.ingest();
    await catalog.refresh({ maxAgeMs: this.#options.recheckMs ?? 0 });
    return catalog;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const repo of this.#repos.values()) {
      await repo.then((context) => context[Symbol.dispose]()).catch(() => undefined);
    }
    this.#repos.clear();
    await this.#ingest?.then((ingest) => ingest[Symbol.asyncDispose]());
    this.#ingest = undefined;
  }
}

/** The nearest folder that exists, and the file below it with the links of that folder resolved. */
async function resolvedFile(file: string): Promise<{ folder: string; file: string }> {
  let folder = path.dirname(file);
  for (;;) {
    const real = await realpath(folder).catch(() => null);
    if (real !== null) return { folder: real, file: path.join(real, path.relative(folder, file)) };
    if (path.dirname(folder) === folder) return { folder, file };
    folder = path.dirname(folder);
  }
}
