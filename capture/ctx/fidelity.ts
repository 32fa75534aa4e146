import type { Fidelity } from "../model/ctx.ts";

export type FidelityCounts = { readonly worst: Fidelity } & Readonly<Record<Fidelity, number>>;

/** Counts nodes by fidelity. The worst of none is `unknown`: nothing is known of what was seen. */
export function countFidelity(nodes: Iterable<{ readonly fidelity: Fidelity }>): FidelityCounts {
  const counts = { exact: 0, rebuilt: 0, unknown: 0 };
  for (const { fidelity } of nodes) counts[fidelity] += 1;
  const worst = counts.unknown > 0 || counts.exact + counts.rebuilt === 0 ? "unknown" : undefined;
  return { worst: worst ?? (counts.rebuilt > 0 ? "rebuilt" : "exact"), ...counts };
}
