/** One webview's contract: what it may ask its host, and what the host tells it unasked. */
export interface Contract {
  readonly requests: object;
  readonly events: object;
}

type RequestFn = (params: never) => unknown;

export type Method<C extends Contract> = keyof C["requests"] & string;

export type Params<C extends Contract, M extends Method<C>> = C["requests"][M] extends RequestFn
  ? Parameters<C["requests"][M]>[0]
  : never;

export type Result<C extends Contract, M extends Method<C>> = C["requests"][M] extends RequestFn
  ? ReturnType<C["requests"][M]>
  : never;

export type EventName<C extends Contract> = keyof C["events"] & string;

/** Webview to host. Ids are counted up by the webview. */
export interface RequestMessage {
  readonly type: "request";
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** A request whose answer nobody waits for any more. */
export interface CancelMessage {
  readonly type: "cancel";
  readonly id: number;
}

export type ToHost = RequestMessage | CancelMessage;

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export type ToWebview =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly type: "event"; readonly event: string; readonly payload: unknown };
