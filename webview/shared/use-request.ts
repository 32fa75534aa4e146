import { useEffect, useRef, useState } from "react";

import type { Contract, Method, Params, Result } from "../protocol/contract.ts";
import { type Host, HostError } from "./host.ts";

export type Requested<T> =
  | { readonly state: "loading" }
  /** `stale` while a newer answer is on its way. */
  | { readonly state: "ready"; readonly value: T; readonly stale: boolean }
  | { readonly state: "failed"; readonly message: string; readonly hint: string | null };

/**
 * Asks again whenever `key` changes; a superseded answer is dropped and its request cancelled.
 *
 * The last good answer stays in view while the next one is fetched.
 */
export function useRequest<C extends Contract, M extends Method<C>>(
  host: Host<C>,
  method: M,
  params: Params<C, M>,
  key: string,
): Requested<Result<C, M>> {
  const [answer, setAnswer] = useState<Requested<Result<C, M>>>({ state: "loading" });
  const latest = useRef(params);
  latest.current = params;

  useEffect(() => {
    const controller = new AbortController();
    setAnswer((before) => (before.state === "ready" ? { ...before, stale: true } : before));
    host.request(method, latest.current, controller.signal).then(
      (value) => setAnswer({ state: "ready", value, stale: false }),
      (error: unknown) => {
        if (!controller.signal.aborted) setAnswer(failed(error));
      },
    );
    return () => controller.abort(new Error("superseded"));
  }, [host, method, key]);

  return answer;
}

export function failed(error: unknown): {
  state: "failed";
  message: string;
  hint: string | null;
} {
  if (error instanceof HostError) {
    return { state: "failed", message: error.message, hint: error.failure.hint };
  }
  return { state: "failed", message: String(error), hint: null };
}
