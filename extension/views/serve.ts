import type * as vscode from "vscode";
import type * as z from "zod";

import { type Logger, type Op, OtError } from "../../capture/api.ts";
import type {
  Contract,
  EventName,
  Failure,
  Method,
  Params,
  Result,
  ToWebview,
} from "../../webview/protocol/contract.ts";

/** One parser a request; a missing or wrong one is a compile error. */
export type Parsers<C extends Contract> = { readonly [M in Method<C>]: z.ZodType<Params<C, M>> };

export type Handlers<C extends Contract> = {
  readonly [M in Method<C>]: (params: Params<C, M>, op: Op) => Result<C, M> | Promise<Result<C, M>>;
};

export interface Served<C extends Contract> extends vscode.Disposable {
  tell<E extends EventName<C>>(event: E, payload: C["events"][E]): void;
}

/** Answers a webview's requests, each parsed before it is believed. */
export function serve<C extends Contract>(
  webview: vscode.Webview,
  parsers: Parsers<C>,
  handlers: Handlers<C>,
  log: Logger,
): Served<C> {
  const running = new Map<number, AbortController>();
  const post = (message: ToWebview) => void webview.postMessage(message);

  const answer = async (id: number, method: string, params: unknown) => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      if (!isMethod(handlers, method)) {
        throw new OtError("usage", `The view asked for "${method}", which is not known.`);
      }
      const parsed = parsers[method].safeParse(params);
      if (!parsed.success) {
        throw new OtError("usage", `The view asked for "${method}" with what it may not say.`);
      }
      const op: Op = { signal: controller.signal, log, progress: () => undefined };
      const value = await handlers[method](parsed.data, op);
      if (!controller.signal.aborted) post({ type: "answer", id, value });
    } catch (error) {
      if (!controller.signal.aborted) post({ type: "failure", id, failure: failureOf(error, log) });
    } finally {
      running.delete(id);
    }
  };

  const subscription = webview.onDidReceiveMessage((message: unknown) => {
    const parsed = parseMessage(message);
    if (parsed === null) return;
    if (parsed.type === "cancel") running.get(parsed.id)?.abort();
    else void answer(parsed.id, parsed.method, parsed.params);
  });

  return {
    tell: (event, payload) => post({ type: "event", event, payload }),
    dispose: () => {
      subscription.dispose();
      for (const controller of running.values()) controller.abort();
    },
  };
}

function isMethod<C extends Contract>(handlers: Handlers<C>, method: string): method is Method<C> {
  return Object.hasOwn(handlers, method);
}

type Parsed =
  | { readonly type: "cancel"; readonly id: number }
  | {
      readonly type: "request";
      readonly id: number;
      readonly method: string;
      readonly params: unknown;
    };

function parseMessage(message: unknown): Parsed | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("type" in message) || !("id" in message) || typeof message.id !== "number") return null;
  if (message.type === "cancel") return { type: "cancel", id: message.id };
  if (message.type !== "request" || !("method" in message)) return null;
  if (typeof message.method !== "string") return null;
  const params = "params" in message ? message.params : undefined;
  return { type: "request", id: message.id, method: message.method, params };
}

function failureOf(error: unknown, log: Logger): Failure {
  if (error instanceof OtError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  }
  const message = error instanceof Error ? error.message : String(error);
  log.log("error", "request.broken", { message });
  return { code: "failed", message, hint: null };
}
