import type { Op } from "../base/op.ts";
import { keyedHash } from "../bucket/key.ts";
import { planChanges } from "../trail/path-changes.ts";
import { PathLedger } from "../trail/path-ledger.ts";
import type { LedgerPlan } from "./ledger-plan.ts";
import { collectPatches } from "./path-patches.ts";
import type { RepoContext } from "./repo-context.ts";

/** A ledger, and what it was made of. */
export interface MadeLedger {
  /** See `planLedger`. */
  readonly stamp: string;
  readonly ledger: PathLedger;
  /** Each change in its order, and how many effects there were after it. */
  readonly changes: readonly { readonly identity: string; readonly effects: number }[];
}

/**
 * The ledger of a path by its plan: of the one before, all stands up to the first change that is
 * another one now, and only what follows is replayed.
 */
export async function makeLedger(
  op: Op,
  context: RepoContext,
  { path, plan }: { readonly path: string; readonly plan: LedgerPlan },
  before: MadeLedger | undefined,
): Promise<MadeLedger> {
  const { stamp, evidence } = plan;
  const patches = await collectPatches(op, context, evidence, path);
  const hashOf = (line: string): string => keyedHash(context.bucket.key, line);
  const planned = planChanges(patches, [...evidence.values()], hashOf);
  const known = before?.changes ?? [];
  let same = 0;
  while (same < known.length && known[same]?.identity === planned[same]?.identity) same += 1;
  if (before !== undefined && same === planned.length && same === known.length) {
    return { ...before, stamp };
  }
  const changes = known.slice(0, same);
  const effects = changes.at(-1)?.effects ?? 0;
  const ledger = before?.ledger.upTo(effects) ?? new PathLedger(hashOf);
  for (const next of planned.slice(same)) {
    const sides = await next.patch.read(op);
    if (sides !== undefined) ledger.replay(next.make(sides));
    const { identity } = next;
    changes.push({ identity, effects: ledger.effects.length });
  }
  return { stamp, ledger, changes };
}
