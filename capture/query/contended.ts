import type { TraceId } from "../model/ids.ts";
import type { Effect, PathLedger } from "../trail/path-ledger.ts";
import type { RepoContext } from "./repo-context.ts";

/** True if two sessions that ran at the same time wrote the same lines, on either side. */
export function isContended(context: RepoContext, ledger: PathLedger, effect: Effect): boolean {
  const { trace } = effect.change;
  if (ledger.effects.every(({ change }) => change.trace === trace)) return false;
  const at = ledger.effects.findIndex(({ change }) => change === effect.change);
  return ledger.effects.some((other, index) => {
    if (other.change.trace === trace) return false;
    const [earlier, later] = index < at ? [other, effect] : [effect, other];
    if (!ranAt(context, earlier.change.trace, later.change.atMs)) return false;
    const written = new Set(earlier.added);
    return later.added.some((id) => {
      const [before] = ledger.births.get(id).ancestors;
      return before !== undefined && written.has(before.birth);
    });
  });
}

/** True if the session was under way at that time. */
function ranAt(context: RepoContext, trace: TraceId, atMs: number): boolean {
  const { startedAtMs = null, endedAtMs = null } = context.bucket.view(trace)?.session ?? {};
  if (startedAtMs === null || endedAtMs === null) return false;
  return startedAtMs <= atMs && atMs <= endedAtMs;
}
