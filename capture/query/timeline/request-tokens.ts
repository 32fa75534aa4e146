import type { Step, Tokens } from "../../model/trace.ts";

/** Tokens that the model read for one request: new, written to the cache, and from the cache. */
export function contextTokens({ input, cacheRead, cacheWrite }: Tokens): number {
  return input + cacheRead + cacheWrite;
}

/** The value of a `name:value` flag of a step. */
export function flagValue({ flags }: Step, name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`${name}:`))?.slice(name.length + 1);
}

/** The context before and after a compaction: as it says itself, else by the requests around it. */
export function compactionTokens(
  steps: readonly Step[],
  compaction: Step,
): { tokensBefore: number | null; tokensAfter: number | null } {
  const { index } = compaction;
  return {
    tokensBefore:
      countOf(compaction, "tokens-before") ??
      contextOf(steps.slice(0, index).findLast(({ tokens }) => tokens !== null)),
    tokensAfter:
      countOf(compaction, "tokens-after") ??
      contextOf(steps.slice(index + 1).find(({ tokens }) => tokens !== null)),
  };
}

function countOf(step: Step, name: string): number | null {
  const value = Number(flagValue(step, name) ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** As {@link contextTokens}; null for a step that began no request. */
export function contextOf(step: Step | undefined): number | null {
  const tokens = step?.tokens ?? null;
  return tokens === null ? null : contextTokens(tokens);
}
