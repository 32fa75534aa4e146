import type {
  Contract,
  EventName,
  Failure,
  Method,
  Params,
  Result,
  ToHost,
  ToWebview,
} from "../protocol/contract.ts";

/** A request that the host refused or could not answer; `message` is a sentence for people. */
export class HostError extends Error {
  override readonly name = "HostError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The extension, as a webview sees it. */
export interface Host<C extends Contract> {
  /** Rejects with {@link HostError}, or with the signal's reason once it fires. */
  request<M extends Method<C>>(
    method: M,
    params: Params<C, M>,
    signal?: AbortSignal,
  ): Promise<Result<C, M>>;
  /** Returns the function that ends the subscription. */
  on<E extends EventName<C>>(event: E, listener: (payload: C["events"][E]) => void): () => void;
  /** State that outlives the hidden webview; small and without transcript text. */
  loadState(): unknown;
  saveState(state: unknown): void;
}

/** What VS Code gives a webview, and a test gives in its place. */
export interface Channel {
  postMessage(message: ToHost): void;
  onMessage(listener: (message: ToWebview) => void): void;
  getState(): unknown;
  setState(state: unknown): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export function connectHost<C extends Contract>(channel: Channel): Host<C> {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let lastId = 0;

  channel.onMessage((message) => {
    if (message.type === "event") {
      for (const listener of listeners.get(message.event) ?? []) listener(message.payload);
      return;
    }
    const waiter = waiting.get(message.id);
    if (waiter === undefined) return;
    waiting.delete(message.id);
    if (message.type === "answer") waiter.resolve(message.value);
    else waiter.reject(new HostError(message.failure));
  });

  return {
    request: (method, params, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const id = ++lastId;
        // Safe: the host answers a method with the type that the contract gives it.
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        channel.postMessage({ type: "request", id, method, params });
        signal?.addEventListener("abort", () => {
          if (!waiting.delete(id)) return;
          channel.postMessage({ type: "cancel", id });
          reject(signal.reason);
        });
      }),
    on: (event, listener) => {
      const all = listeners.get(event) ?? new Set();
      listeners.set(event, all);
      // Safe: the host sends an event with the payload that the contract gives it.
      const untyped = listener as (payload: unknown) => void;
      all.add(untyped);
      return () => all.delete(untyped);
    },
    loadState: () => channel.getState(),
    saveState: (state) => channel.setState(state),
  };
}

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/**
 * The real channel; may be asked for only once a page.
 *
 * `kept` is what the host kept of an earlier window. VS Code has the newer one while the
 * view was only hidden.
 */
export function vscodeChannel(kept: unknown): Channel {
  const api = acquireVsCodeApi();
  return {
    postMessage: (message) => api.postMessage(message),
    onMessage: (listener) =>
      // Safe: only the extension that owns this webview can post to it.
      window.addEventListener("message", (event) => listener(event.data as ToWebview)),
    getState: () => {
      const own = api.getState();
      return savedAtMs(kept) > savedAtMs(own) ? kept : own;
    },
    setState: (state) => api.setState(state),
  };
}

function savedAtMs(state: unknown): number {
  if (typeof state !== "object" || state === null || !("savedAtMs" in state)) return 0;
  return typeof state.savedAtMs === "number" ? state.savedAtMs : 0;
}
