import { dirname } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Home } from "../base/home.ts";
import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { findUnit, newUnitPlace, type UnitPlace } from "../bucket/units.ts";
import type { Repository } from "../git/repository.ts";
import type { HarnessAdapter, HarnessEnvironment } from "../harness/adapter.ts";
import type { SnapshotCause } from "../model/events.ts";
import { describeEnvironment } from "./environment.ts";
import type { Gates } from "./gates.ts";
import {
  declaredPaths,
  type HookPayload,
  parseHookPayload,
  recordedPath,
  snapshotCauseOf,
} from "./hook-payload.ts";
import { ObservedFold } from "./observed-fold.ts";
import type { OpenUnits } from "./open-units.ts";
import type { RepositoryIdentities } from "./repository-identities.ts";
import type { ContextRequest } from "./session-intake.ts";
import type { SnapshotPool } from "./snapshot-pool.ts";
import type { SpoolEvent } from "./spool.ts";
import type { EventDraft, UnitIngest, UnitIngestContext } from "./unit-ingest.ts";
import { workTreeRootOf } from "./work-tree-root.ts";

export interface HookIntakeOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly gates: Gates;
  readonly units: OpenUnits;
  readonly pool: SnapshotPool;
  readonly identities: RepositoryIdentities;
  readonly adapters: readonly HarnessAdapter[];
  readonly environment: HarnessEnvironment;
  contextFor(request: ContextRequest): Promise<UnitIngestContext>;
}

/** What one event led to. */
export interface TakenHook {
  readonly place: UnitPlace;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  readonly isNew: boolean;
}

/** A boundary that is looked at later than this tells nothing of its moment any more. */
const lateMsMin = 2_000;

/** Takes hook events into their sessions, with the snapshots that belong to them. */
export class HookIntake {
  readonly #options: HookIntakeOptions;
  readonly #observed = new ObservedFold();

  constructor(options: HookIntakeOptions) {
    this.#options = options;
  }

  /**
   * Takes in one event; durable when it resolves. Null where it is no payload that is understood,
   * or of an agent whose sessions are not.
   *
   * `onBoundary` is called as soon as the boundary is marked, long before the rest: a hook waits.
   */
  async take(
    op: Op,
    event: SpoolEvent,
    onBoundary: () => Promise<void>,
  ): Promise<TakenHook | null> {
    const { home, gates, units } = this.#options;
    const peeked = parseHookPayload(event.raw.toString("utf8"));
    const isKnown = this.#options.adapters.some(({ id }) => id === event.harness);
    if (peeked === null || !isKnown) return null;
    const cwd = peeked.cwd;
    const root = cwd === null ? null : workTreeRootOf(cwd);
    const gated = (await gates.gateFor(root)).line(event.raw);
    const payload = parseHookPayload(gated.bytes.toString("utf8"));
    if (payload === null) return null;
    const drafts = await this.#boundary(op, { event, payload, root });
    await onBoundary();
    const found = await findUnit(home, event.harness, payload.nativeId);
    const place = found ?? newUnitPlace(home, { ...event, nativeId: payload.nativeId });
    const context = (): Promise<UnitIngestContext> =>
      this.#options.contextFor({
        harness: event.harness,
        nativeId: payload.nativeId,
        cwd,
        ...(found === undefined ? { startedAtMs: event.atMs } : {}),
      });
    await units.use(op, { place, context }, async (unit) => {
      if (unit.events.some((known) => known.r === "hook" && known.spool === event.fileName)) return;
      await this.#describe(op, unit, { event, payload, drafts });
      await unit.addEvents([...drafts, this.#hookDraft(event, payload, root)]);
      await this.#observed.catchUp(op, unit, {
        gate: await gates.gateFor(root),
        readerOf: (folder) => this.#readerOf(op, folder),
      });
      await unit.checkpoint();
    });
    return { place, cwd, transcriptPath: payload.transcriptPath, isNew: found === undefined };
  }

  /** The snapshot of the event, or the gap where there should be one. It comes before its event. */
  async #boundary(
    op: Op,
    { event, payload, root }: { event: SpoolEvent; payload: HookPayload; root: string | null },
  ): Promise<EventDraft[]> {
    const cause = snapshotCauseOf(payload);
    const gap = (why: string): EventDraft[] => [
      { r: "gap", atMs: event.atMs, what: "snapshot", why, callId: payload.callId },
    ];
    if (cause === null && event.boundary?.kind !== "snapshot") return [];
    const repository = root === null ? null : await this.#repositoryOf(op, root);
    if (repository === null) return payload.name === "SessionStart" ? gap("no-repository") : [];
    try {
      if (event.boundary?.kind === "none") return gap(event.boundary.why);
      if (event.boundary !== null)
        return await this.#stored(op, { event, payload, repository, cause });
      const ageMs = this.#options.clock.nowMs() - event.atMs;
      if (ageMs > lateMsMin) return gap("late");
      return await this.#taken(op, { event, payload, repository, cause: cause ?? "idle" });
    } catch (error) {
      if (!(error instanceof OtError) || error.code === "cancelled") throw error;
      op.log.log("warn", "snapshot.failed", { code: error.code });
      return gap(error.code);
    }
  }

  async #taken(
    op: Op,
    request: {
      event: SpoolEvent;
      payload: HookPayload;
      repository: Repository;
      cause: SnapshotCause;
    },
  ): Promise<EventDraft[]> {
    const { event, payload, repository, cause } = request;
    const store = await this.#options.pool.store(op, repository);
    const taken = await store.take(op, {
      session: { harness: event.harness, nativeId: payload.nativeId },
      atMs: event.atMs,
      cause,
      paths: declaredPaths(payload),
    });
    return [
      {
        r: "snapshot",
        atMs: this.#options.clock.nowMs(),
        id: taken.commit,
        tree: taken.tree,
        parent: taken.parent,
        base: taken.base,
        worktree: repository.worktree,
        root: repository.workTree,
        cause,
        callId: payload.callId,
        skipped: taken.skipped,
      },
    ];
  }

  /** A snapshot that the shim took by itself, as the store tells of it. */
  async #stored(
    op: Op,
    request: {
      event: SpoolEvent;
      payload: HookPayload;
      repository: Repository;
      cause: SnapshotCause | null;
    },
  ): Promise<EventDraft[]> {
    const { event, payload, repository, cause } = request;
    if (event.boundary?.kind !== "snapshot") return [];
    const { commit, tree } = event.boundary;
    const store = await this.#options.pool.store(op, repository);
    const stored = await store.reader.readSnapshot(op, commit);
    return [
      {
        r: "snapshot",
        atMs: stored === null || stored.atMs === 0 ? event.atMs : stored.atMs,
        id: commit,
        tree: stored?.tree ?? tree,
        parent: stored?.parents[0] ?? null,
        base: stored?.base ?? null,
        worktree: repository.worktree,
        root: repository.workTree,
        // The windows go by the event that it belongs to; one without such an event is the shim's.
        cause: cause ?? "shim",
        callId: payload.callId,
        skipped: stored?.skipped ?? [],
      },
    ];
  }

  /** What the session started from and which repository it works in, with its first event. */
  async #describe(
    op: Op,
    unit: UnitIngest,
    { event, payload, drafts }: { event: SpoolEvent; payload: HookPayload; drafts: EventDraft[] },
  ): Promise<void> {
    const { identities, adapters, environment } = this.#options;
    if (payload.cwd === null) return;
    if (unit.needsRepository) unit.noteRepository(await identities.identityOf(op, payload.cwd));
    if (unit.events.some((known) => known.r === "environment" && known.from === undefined)) return;
    const snapshot = drafts.find((draft) => draft.r === "snapshot");
    const roots = adapters
      .filter(({ id }) => id === event.harness)
      .flatMap((adapter) => adapter.roots(environment));
    const described = await describeEnvironment(op, {
      root: workTreeRootOf(payload.cwd),
      cwd: payload.cwd,
      repository: await this.#repositoryOf(op, payload.cwd),
      snapshot: snapshot?.id ?? null,
      configFolders: [...new Set(roots.map((root) => dirname(root)))],
    });
    await unit.addEvents([{ r: "environment", atMs: event.atMs, environment: described }]);
  }

  #hookDraft(event: SpoolEvent, payload: HookPayload, root: string | null): EventDraft {
    const place = { root: root ?? "/", cwd: payload.cwd ?? root ?? "/" };
    return {
      r: "hook",
      atMs: event.atMs,
      name: payload.name,
      callId: payload.callId,
      agent: payload.agent,
      tool: payload.tool,
      paths: payload.paths.map((path) => recordedPath(path, place)),
      background: payload.background,
      cwd: payload.cwd,
      fields: payload.fields,
      spool: event.fileName,
    };
  }

  async #readerOf(op: Op, folder: string) {
    const repository = await this.#repositoryOf(op, folder);
    return repository === null ? null : this.#options.pool.store(op, repository);
  }

  #repositoryOf(op: Op, folder: string): Promise<Repository | null> {
    return this.#options.identities.repositoryOf(op, folder);
  }
}
