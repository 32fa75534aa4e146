import type { Answer, Call } from "../command.ts";

export interface HookCall {
  readonly harness: string;
  /** The event's name as the hook was given it; null where it was given none. */
  readonly event: string | null;
}

/**
 * `ot hook`: the slow twin of the installed shim.
 *
 * Invariant: prints nothing and ends with 0 whatever happens, since an agent takes any other exit
 * code of a hook as a word about its own work.
 */
export async function hook({ args, io }: Call): Promise<Answer> {
  const [harness, event = null] = args.operands;
  if (harness !== undefined) {
    await io.takeHook({ harness, event }).catch(() => undefined);
  }
  return { json: {}, isSilent: true, lines: () => [] };
}
