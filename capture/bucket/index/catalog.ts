import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "sql.js";
import { isErrno, OtError } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import type { TraceListAnswer, TraceSummary } from "../../model/answers.ts";
import { harnessIds, nativeIdPrefixCharsMin, type TraceId, traceIdOf } from "../../model/ids.ts";
import { readSessionFile } from "../session-file.ts";
import { traceSummaryOf } from "../trace-summary.ts";
import { sessionFileName } from "../unit-paths.ts";
import { listUnits, type UnitPlace } from "../units.ts";
import { openDatabase } from "./sql.ts";

const schemaVersion = 1;
/** Each save writes the whole file: a session that grows must not cause one with every step. */
const saveMsMin = 2_000;
/** Candidates that an ambiguous prefix lists. */
const candidatesMax = 20;

/** Which sessions belong to a repository: by history, by place, or by working folder. */
export interface RepositoryFilter {
  readonly rootCommits: readonly string[];
  /** Absolute folders: work tree roots as they are spelled and as they resolve. */
  readonly roots: readonly string[];
}

/**
 * The sessions of the bucket as a small database. Disposable: it is brought up to what is on disk
 * by {@link Catalog.refresh}, from nothing if need be, and always gives the same answers.
 */
export class Catalog implements Disposable {
  readonly #home: Home;
  readonly #database: Database;
  #refreshing: Promise<void> = Promise.resolve();
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #isUnsaved = false;
  #saving: ReturnType<typeof setTimeout> | undefined;

  private constructor(home: Home, database: Database) {
    this.#home = home;
    this.#database = database;
  }

  /** Opens what is saved; a missing, damaged or older catalog starts empty. */
  static async open(home: Home): Promise<Catalog> {
    const database = (await savedDatabase(home)) ?? (await openDatabase());
    database.run(`
      CREATE TABLE IF NOT EXISTS sessions (
        trace TEXT PRIMARY KEY, harness TEXT NOT NULL, native TEXT NOT NULL, month TEXT NOT NULL,
        dir TEXT NOT NULL, stamp TEXT NOT NULL, ended REAL, cwd TEXT, root TEXT,
        summary TEXT NOT NULL
      );
      CREATE TABLE IF NOT EXISTS roots (trace TEXT NOT NULL, commit_id TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS sessions_native ON sessions (native);
      CREATE INDEX IF NOT EXISTS roots_commit ON roots (commit_id);
      PRAGMA user_version = ${schemaVersion};
    `);
    return new Catalog(home, database);
  }

  /**
   * Brings the catalog up to the units on disk, and saves it if that changed anything: at once, or
   * some seconds after the last time.
   *
   * `maxAgeMs`: what was looked at so short a time ago is good enough, unless it is marked stale.
   */
  refresh({ maxAgeMs = 0 }: { readonly maxAgeMs?: number } = {}): Promise<void> {
    const next = this.#refreshing.then(() => {
      const isFresh = performance.now() - this.#checkedAtMs < maxAgeMs;
      return isFresh ? undefined : this.#refresh();
    });
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  /** Makes the next {@link Catalog.refresh} look at the disk. */
  markStale(): void {
    this.#checkedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Sessions with the latest activity first. */
  list(request: {
    readonly repository?: RepositoryFilter;
    readonly sinceMs?: number;
    readonly limit: number;
  }): TraceListAnswer {
    const traces: TraceSummary[] = [];
    for (const row of this.#rows(request.sinceMs ?? null)) {
      if (request.repository !== undefined && !this.#belongs(row, request.repository)) continue;
      if (traces.length === request.limit) return { traces, more: true };
      // Safe: written by `#put` from a summary.
      traces.push(JSON.parse(row.summary) as TraceSummary);
    }
    return { traces, more: false };
  }

  /**
   * The one session that a full id, or a prefix of its native id, names.
   *
   * Throws `usage` for a prefix that is too short, `not-found`, and `ambiguous-trace` with the
   * candidates.
   */
  find(idOrPrefix: string): UnitPlace & { readonly trace: TraceId } {
    const found = this.#matching(idOrPrefix);
    const exact = found.find(
      (place) => place.trace === idOrPrefix || place.nativeId === idOrPrefix,
    );
    const [only, second] = found;
    if (exact !== undefined) return exact;
    if (only === undefined) {
      throw new OtError("not-found", `No session is recorded under "${idOrPrefix}".`, {
        hint: "`ot trace list` shows what is recorded.",
      });
    }
    if (second === undefined) return only;
    throw new OtError("ambiguous-trace", `"${idOrPrefix}" names ${found.length} sessions.`, {
      hint: "Give more of the id.",
      candidates: found.slice(0, candidatesMax).map(({ trace }) => trace),
    });
  }

  /** Saves what waits to be. */
  [Symbol.dispose](): void {
    clearTimeout(this.#saving);
    if (this.#isUnsaved) this.#save();
    this.#database.close();
  }

  async #refresh(): Promise<void> {
    this.#checkedAtMs = performance.now();
    const stamps = this.#stamps();
    let hasChanged = false;
    this.#database.run("BEGIN");
    try {
      for (const unit of await listUnits(this.#home)) {
        const trace = traceIdOf(unit.harness, unit.nativeId);
        const stamp = await stampOf(unit);
        const known = stamps.get(trace);
        stamps.delete(trace);
        if (stamp === undefined || known === stamp) continue;
        hasChanged = (await this.#put(unit, trace, stamp)) || hasChanged;
      }
      for (const gone of stamps.keys()) this.#remove(gone);
    } finally {
      this.#database.run("COMMIT");
    }
    if (hasChanged || stamps.size > 0) this.#saveSoon();
  }

  #matching(idOrPrefix: string): (UnitPlace & { readonly trace: TraceId })[] {
    const colon = idOrPrefix.indexOf(":");
    const harness = colon === -1 ? null : idOrPrefix.slice(0, colon);
    const prefix = idOrPrefix.slice(colon + 1);
    if (prefix.length < nativeIdPrefixCharsMin) {
      throw new OtError("usage", `"${idOrPrefix}" is too short to name a session.`, {
        hint: `Give at least ${nativeIdPrefixCharsMin} characters of one that ot trace list shows.`,
      });
    }
    const found: (UnitPlace & { readonly trace: TraceId })[] = [];
    const statement = this.#database.prepare(
      `SELECT harness, native, month, dir FROM sessions
       WHERE substr(native, 1, length($prefix)) = $prefix
         AND ($harness IS NULL OR harness = $harness)
       ORDER BY trace`,
    );
    statement.bind({ $prefix: prefix, $harness: harness });
    while (statement.step()) {
      const row = statement.getAsObject();
      const harnessId = harnessIds.find((known) => known === row["harness"]);
      if (harnessId === undefined) continue;
      const nativeId = String(row["native"]);
      found.push({
        harness: harnessId,
        nativeId,
        month: String(row["month"]),
        dir: String(row["dir"]),
        trace: traceIdOf(harnessId, nativeId),
      });
    }
    statement.free();
    return found;
  }

  *#rows(sinceMs: number | null): Generator<Row, void, void> {
    const statement = this.#database.prepare(
      `SELECT trace, cwd, root, summary FROM sessions WHERE $since IS NULL OR ended >= $since
       ORDER BY ended IS NULL, ended DESC, trace`,
    );
    try {
      statement.bind({ $since: sinceMs });
      // Safe: the columns are as declared.
      while (statement.step()) yield statement.getAsObject() as unknown as Row;
    } finally {
      statement.free();
    }
  }

  #belongs(row: Row, repository: RepositoryFilter): boolean {
    if (repository.roots.some((root) => isWithin(row.root, root) || isWithin(row.cwd, root))) {
      return true;
    }
    if (repository.rootCommits.length === 0) return false;
    const statement = this.#database.prepare("SELECT commit_id FROM roots WHERE trace = ?");
    statement.bind([row.trace]);
    let belongs = false;
    while (!belongs && statement.step()) {
      belongs = repository.rootCommits.includes(String(statement.get()[0]));
    }
    statement.free();
    return belongs;
  }

  #stamps(): Map<string, string> {
    const stamps = new Map<string, string>();
    const [result] = this.#database.exec("SELECT trace, stamp FROM sessions");
    for (const [trace, stamp] of result?.values ?? []) stamps.set(String(trace), String(stamp));
    return stamps;
  }

  async #put(unit: UnitPlace, trace: string, stamp: string): Promise<boolean> {
    const session = await readSessionFile(unit.dir);
    this.#remove(trace);
    if (session === undefined) return true;
    this.#database.run("INSERT INTO sessions VALUES (?,?,?,?,?,?,?,?,?,?)", [
      trace,
      unit.harness,
      unit.nativeId,
      unit.month,
      unit.dir,
      stamp,
      session.endedAtMs,
      session.cwd,
      session.repository?.root ?? null,
      JSON.stringify(traceSummaryOf(session)),
    ]);
    for (const commit of session.repository?.rootCommits ?? []) {
      this.#database.run("INSERT INTO roots VALUES (?,?)", [trace, commit]);
    }
    return true;
  }

  #remove(trace: string): void {
    this.#database.run("DELETE FROM sessions WHERE trace = ?", [trace]);
    this.#database.run("DELETE FROM roots WHERE trace = ?", [trace]);
  }

  #saveSoon(): void {
    this.#isUnsaved = true;
    const waitMs = this.#savedAtMs + saveMsMin - performance.now();
    if (waitMs <= 0) return this.#save();
    this.#saving ??= setTimeout(() => this.#save(), waitMs).unref();
  }

  /**
   * A catalog that cannot be saved is still right, and so is one that a power cut takes: it is made
   * again next time.
   */
  #save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    this.#isUnsaved = false;
    const { indexDir, catalogFile } = this.#home;
    const draft = `${catalogFile}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
    try {
      mkdirSync(indexDir, { recursive: true, mode: 0o700 });
      writeFileSync(draft, this.#database.export(), { mode: 0o600 });
      renameSync(draft, catalogFile);
    } catch (error) {
      removeDraft(draft);
      if (!isErrno(error, "EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT")) throw error;
    }
    this.#savedAtMs = performance.now();
  }
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // Nothing was made where nothing can be.
  }
}

interface Row {
  readonly trace: string;
  readonly cwd: string | null;
  readonly root: string | null;
  readonly summary: string;
}

async function savedDatabase(home: Home): Promise<Database | undefined> {
  let bytes;
  try {
    bytes = await readFile(home.catalogFile);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EISDIR")) return undefined;
    throw error;
  }
  try {
    const database = await openDatabase(bytes);
    const [result] = database.exec("PRAGMA user_version");
    const isSound = result?.values[0]?.[0] === schemaVersion;
    const [check] = isSound ? database.exec("PRAGMA quick_check") : [];
    if (check?.values[0]?.[0] === "ok") return database;
    database.close();
  } catch {
    // Not a database any more: it is made again.
  }
  return undefined;
}

async function stampOf(unit: UnitPlace): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(join(unit.dir, sessionFileName));
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isWithin(path: string | null, root: string): boolean {
  return (
    path !== null && (path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`))
  );
}
