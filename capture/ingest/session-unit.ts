import type { UnitWriter } from "../bucket/unit-writer.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { Fidelity } from "../model/ctx.ts";
import { traceIdOf } from "../model/ids.ts";
import type { NativeFile, RepositoryIdentity, SessionUnit } from "../model/session.ts";
import type { Environment } from "../model/environment.ts";
import type { EventRecord } from "../model/events.ts";
import type { Tokens } from "../model/trace.ts";
import type { SummaryFold } from "./summary-fold.ts";

/** What `session.json` is made of. */
export interface SessionParts {
  readonly place: UnitPlace;
  readonly unit: UnitWriter;
  readonly files: readonly { readonly native: NativeFile; readonly summary: SummaryFold }[];
  readonly repository: RepositoryIdentity | null;
  readonly environment: Environment | null;
  readonly events: readonly EventRecord[];
  readonly observedPatches: number;
  /** Title to fall back on while no prompt is in the transcript, e.g. from a hook. */
  readonly prompt: string;
  /** Working folder to fall back on. */
  readonly cwd: string | null;
  readonly gateVersion: number;
}

/** Derives a session's `session.json` from what its files say. */
export function sessionUnitOf(parts: SessionParts): SessionUnit {
  const { place, unit } = parts;
  const files = parts.files.toSorted((a, b) => a.native.file - b.native.file);
  const summaries = files.map(({ summary }) => summary);
  const main = files.find(({ native }) => native.file === 0)?.summary;
  const facts = main?.facts ?? {};
  const sum = (of: (summary: SummaryFold) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const transcript = sum((summary) => summary.patches);
  return {
    schema: "opentraces.session.v1",
    harness: place.harness,
    nativeId: place.nativeId,
    forkOf: facts.forkOf === undefined ? null : traceIdOf(place.harness, facts.forkOf),
    title: main?.title || parts.prompt || (facts.title ?? ""),
    cwd: facts.cwd ?? parts.cwd,
    branch: facts.gitBranch ?? null,
    clientVersion: facts.clientVersion ?? null,
    models: [...new Set(summaries.flatMap(({ models }) => [...models]))].toSorted(),
    repository: parts.repository,
    environment: parts.environment,
    startedAtMs:
      extreme(
        summaries.map(({ startedAtMs }) => startedAtMs),
        Math.min,
      ) ??
      parts.events.find(({ atMs }) => atMs > 0)?.atMs ??
      null,
    endedAtMs:
      extreme(
        summaries.map(({ endedAtMs }) => endedAtMs),
        Math.max,
      ) ??
      parts.events.findLast(({ atMs }) => atMs > 0)?.atMs ??
      null,
    fidelity: fidelityOf(summaries),
    counts: {
      steps: sum(({ steps }) => steps),
      turns: main?.turns ?? 0,
      // An edit that hooks observed and the transcript recorded is one change.
      patches: Math.max(transcript, parts.observedPatches),
      issues: sum(({ issues }) => issues),
      events: parts.events.length,
      redactions: sum(({ redactions }) => redactions),
    },
    tokens: tokensOf(summaries),
    tests: summaries.flatMap((summary) => summary.tests()),
    files: files.map(({ native }) => native),
    digests: byName(unit.digests()),
    folds: byName(unit.folds()),
    gateVersion: parts.gateVersion,
  };
}

function tokensOf(summaries: readonly SummaryFold[]): Tokens {
  const total = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const tokens of summaries.map((summary) => summary.tokens())) {
    total.input += tokens.input;
    total.output += tokens.output;
    total.cacheRead += tokens.cacheRead;
    total.cacheWrite += tokens.cacheWrite;
  }
  return total;
}

function fidelityOf(summaries: readonly SummaryFold[]): SessionUnit["fidelity"] {
  const counts: Record<Fidelity, number> = { exact: 0, rebuilt: 0, unknown: 0 };
  for (const summary of summaries) {
    const own = summary.fidelity();
    counts.exact += own.exact;
    counts.rebuilt += own.rebuilt;
    counts.unknown += own.unknown;
  }
  const hasNodes = counts.exact + counts.rebuilt + counts.unknown > 0;
  const worst =
    counts.unknown > 0 || !hasNodes ? "unknown" : counts.rebuilt > 0 ? "rebuilt" : "exact";
  return { worst, ...counts };
}

function extreme(
  times: readonly (number | null)[],
  pick: (...values: number[]) => number,
): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : pick(...known);
}

function byName<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
