import type { Clock } from "../base/clock.ts";
import type { Home } from "../base/home.ts";
import type { Op } from "../base/op.ts";
import { readEvents } from "../bucket/read-unit.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import { listUnits, type UnitPlace } from "../bucket/units.ts";
import type { Gates } from "./gates.ts";
import { recordedPath } from "./hook-payload.ts";
import type { OpenUnits } from "./open-units.ts";
import { resolvedFolder } from "./repository-identities.ts";
import type { ConsentOf, ContextRequest } from "./session-intake.ts";
import type { UnitIngestContext } from "./unit-ingest.ts";
import { workTreeRootOf } from "./work-tree-root.ts";

/** What the editor saw of one file; ranges are 1-based lines, both ends included. */
export interface EditorReport {
  readonly root: string;
  readonly path: string;
  readonly kind: "typed" | "saved" | "formatted" | "undone";
  readonly ranges: readonly (readonly [start: number, end: number])[];
  readonly atMs: number;
}

export interface EditorIntakeOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly units: OpenUnits;
  readonly gates: Gates;
  readonly consentOf: ConsentOf;
  contextFor(request: ContextRequest): Promise<UnitIngestContext>;
}

/** A session that was active within this time may still go on. */
const liveMsMax = 12 * 60 * 60 * 1000;
/** Which sessions are live is looked up again after this time. */
const liveListAgeMsMax = 5_000;

/** Writes what the editor saw into the sessions that are live in its work tree. */
export class EditorIntake {
  readonly #options: EditorIntakeOptions;
  #live: { readonly atMs: number; readonly places: Map<string, UnitPlace[]> } | undefined;

  constructor(options: EditorIntakeOptions) {
    this.#options = options;
  }

  /** Answers the sessions it was recorded with; none where nothing is live there. */
  async take(op: Op, report: EditorReport): Promise<readonly UnitPlace[]> {
    if (this.#options.consentOf(report.root) !== "on") return [];
    // A window may show a folder below the root, or reach it through a link.
    const folder = resolvedFolder(report.root);
    const root = workTreeRootOf(folder);
    const places = await this.#livePlaces(root);
    if (places.length === 0) return [];
    const gate = await this.#options.gates.gateFor(root);
    const path = gate.text(recordedPath(report.path, { root, cwd: folder })).text;
    for (const place of places) {
      const context = (): Promise<UnitIngestContext> =>
        this.#options.contextFor({ ...place, cwd: root });
      await this.#options.units.use(op, { place, context }, async (unit) => {
        const { atMs, kind, ranges } = report;
        await unit.addEvents([{ r: "editor", atMs, kind, path, ranges }]);
        await unit.checkpoint();
      });
    }
    return places;
  }

  async #livePlaces(root: string): Promise<readonly UnitPlace[]> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#live === undefined || nowMs - this.#live.atMs > liveListAgeMsMax) {
      this.#live = { atMs: nowMs, places: await this.#findLive(nowMs) };
    }
    return this.#live.places.get(root) ?? [];
  }

  /** Sessions with hooks, by work tree: without them there are no windows. */
  async #findLive(nowMs: number): Promise<Map<string, UnitPlace[]>> {
    const places = new Map<string, UnitPlace[]>();
    const months = [nowMs, nowMs - liveMsMax].map((atMs) =>
      new Date(atMs).toISOString().slice(0, 7),
    );
    for (const place of await listUnits(this.#options.home)) {
      if (!months.includes(place.month)) continue;
      const session = await readSessionFile(place.dir);
      const endedAtMs = session?.endedAtMs ?? null;
      if (session === undefined || endedAtMs === null || nowMs - endedAtMs > liveMsMax) continue;
      const root = session.repository?.root ?? session.cwd;
      if (session.counts.events === 0 || root === null) continue;
      if (!(await readEvents(place.dir)).some(({ r }) => r === "hook")) continue;
      const key = workTreeRootOf(resolvedFolder(root));
      places.set(key, [...(places.get(key) ?? []), place]);
    }
    return places;
  }
}
