import type { Socket } from "node:net";

import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { BucketChange, Engine } from "./engine.ts";
import type { AnswerOf, EngineMethod, RequestOf } from "./methods.ts";
import { fromWireError, sendMessage, type WireError } from "./wire.ts";

interface Peer {
  readonly version: string;
  readonly pid: number;
}

interface Pending {
  readonly op: Op;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The engine as its clients see it: every call is a line on the socket. */
export class RemoteEngine implements Engine {
  #peer: Peer = { version: "", pid: 0 };
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(change: BucketChange) => void>();
  readonly #stateListeners = new Set<() => void>();
  #onLost: (() => void) | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("close", () => this.#lose());
    socket.on("error", () => undefined);
  }

  /** Who answers, as it said when it greeted. */
  get peer(): Peer {
    return this.#peer;
  }

  /** The engine has greeted: from now on somebody has it, who is told if it is lost. */
  welcome(peer: Peer, onLost: (() => void) | undefined): void {
    this.#peer = peer;
    this.#onLost = onLost;
  }

  importSessions(op: Op, request: RequestOf<"importSessions">) {
    return this.#call("importSessions", op, request);
  }
  captureOnce(op: Op) {
    return this.#call("captureOnce", op, undefined);
  }
  listTraces(op: Op, request: RequestOf<"listTraces">) {
    return this.#call("listTraces", op, request);
  }
  showTrace(op: Op, request: RequestOf<"showTrace">) {
    return this.#call("showTrace", op, request);
  }
  timelineHead(op: Op, request: RequestOf<"timelineHead">) {
    return this.#call("timelineHead", op, request);
  }
  timelineRows(op: Op, request: RequestOf<"timelineRows">) {
    return this.#call("timelineRows", op, request);
  }
  why(op: Op, request: RequestOf<"why">) {
    return this.#call("why", op, request);
  }
  blame(op: Op, request: RequestOf<"blame">) {
    return this.#call("blame", op, request);
  }
  blameCommit(op: Op, request: RequestOf<"blameCommit">) {
    return this.#call("blameCommit", op, request);
  }
  track(op: Op, request: RequestOf<"track">) {
    return this.#call("track", op, request);
  }
  stepDiff(op: Op, request: RequestOf<"stepDiff">) {
    return this.#call("stepDiff", op, request);
  }
  stepFile(op: Op, request: RequestOf<"stepFile">) {
    return this.#call("stepFile", op, request);
  }
  setup(op: Op, request: RequestOf<"setup">) {
    return this.#call("setup", op, request);
  }
  async setCapture(op: Op, request: RequestOf<"setCapture">): Promise<void> {
    await this.#call("setCapture", op, request);
  }
  captureState(op: Op, request: RequestOf<"captureState">) {
    return this.#call("captureState", op, request);
  }
  collect(op: Op, request: RequestOf<"collect">) {
    return this.#call("collect", op, request);
  }
  status(op: Op, request: RequestOf<"status">) {
    return this.#call("status", op, request);
  }
  async reportEditor(op: Op, request: RequestOf<"reportEditor">): Promise<void> {
    await this.#call("reportEditor", op, request);
  }

  onDidChange(listener: (change: BucketChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  onDidChangeState(listener: () => void): Disposable {
    this.#stateListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#stateListeners.delete(listener) };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rejectAll(new OtError("cancelled", "The engine was closed."));
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    this.#socket.end();
    if (this.#socket.destroyed) return;
    await closed;
  }

  /** Takes a message of the server; unknown ones are passed over. */
  receive(message: Record<string, unknown>): void {
    const id = Number(message["id"]);
    const pending = this.#pending.get(id);
    switch (message["type"]) {
      case "result":
        this.#pending.delete(id);
        return pending?.resolve(message["value"]);
      case "error":
        this.#pending.delete(id);
        // Safe: the server sends what `toWireError` made.
        return pending?.reject(fromWireError(message["error"] as WireError));
      case "progress":
        return pending?.op.progress(
          Number(message["done"]),
          Number(message["total"]),
          String(message["what"]),
        );
      case "change":
        // Safe: the server sends a BucketChange.
        for (const listener of this.#listeners) listener(message["change"] as BucketChange);
        return;
      case "state":
        for (const listener of this.#stateListeners) listener();
        return;
      default:
        return;
    }
  }

  #call<M extends EngineMethod>(method: M, op: Op, request: RequestOf<M>): Promise<AnswerOf<M>> {
    return new Promise((resolve, reject) => {
      throwIfCancelled(op);
      if (this.#isClosed) throw lost();
      const id = this.#nextId;
      this.#nextId += 1;
      const onAbort = (): void => {
        if (!this.#pending.delete(id)) return;
        sendMessage(this.#socket, { type: "cancel", id });
        reject(new OtError("cancelled", "The operation was cancelled."));
      };
      const done = (): void => op.signal.removeEventListener("abort", onAbort);
      op.signal.addEventListener("abort", onAbort, { once: true });
      this.#pending.set(id, {
        op,
        resolve: (value) => {
          done();
          // Safe: the answer to this very call, made by the same method of the interface.
          resolve(value as AnswerOf<M>);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      sendMessage(this.#socket, { type: "call", id, method, request });
    });
  }

  #lose(): void {
    const isSurprise = !this.#isClosed;
    this.#isClosed = true;
    this.#rejectAll(lost());
    if (isSurprise) this.#onLost?.();
  }

  #rejectAll(error: OtError): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) pending.reject(error);
  }
}

function lost(): OtError {
  return new OtError("engine-unreachable", "The engine process went away.", {
    hint: "Try again: the next call starts a new one.",
  });
}
