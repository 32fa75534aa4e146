import type { Socket } from "node:net";

import { OtError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Op } from "../base/op.ts";
import type { Engine } from "./engine.ts";
import { callByName, isEngineMethod } from "./methods.ts";
import {
  callsMax,
  onMessages,
  protocolVersion,
  sendMessage,
  type ServerMessage,
  toWireError,
} from "./wire.ts";

export interface SessionOptions {
  readonly log: Logger;
  readonly version: string;
  readonly engine: () => Promise<Engine>;
  isNewer(theirs: string): boolean;
  /** The client is newer than we are: the engine has to leave. */
  onNewer(): void;
}

/** Progress is told at most this often. */
const progressMs = 100;
/** A client that does not read is told of no changes while this much waits for it. */
const waitingBytesMax = 8 * 1024 * 1024;
/** One for which this much waits has stopped reading, and is let go. */
const unreadBytesMax = 256 * 1024 * 1024;

/** The server's side of one connection. Calls run side by side, {@link callsMax} at most. */
export class ClientSession {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #calls = new Map<number, AbortController>();
  #changes: Disposable | undefined;
  #states: Disposable | undefined;
  #isGreeted = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("error", () => undefined);
    socket.on("close", () => this.#forget());
    onMessages(socket, (message) => this.#receive(message));
  }

  end(): void {
    this.#socket.end();
  }

  #receive(message: Record<string, unknown>): void {
    if (!this.#isGreeted) return this.#greet(message);
    const id = Number(message["id"]);
    if (message["type"] === "cancel") return this.#calls.get(id)?.abort();
    if (message["type"] === "call") void this.#call(id, message);
  }

  #greet(message: Record<string, unknown>): void {
    if (message["type"] !== "hello") return void this.#socket.destroy();
    const { version } = this.#options;
    if (this.#options.isNewer(String(message["version"]))) {
      this.#send({ type: "yield", version });
      return this.#options.onNewer();
    }
    this.#isGreeted = true;
    this.#send({ type: "welcome", protocol: protocolVersion, version, pid: process.pid });
    void this.#tellChanges();
  }

  async #tellChanges(): Promise<void> {
    try {
      const engine = await this.#options.engine();
      if (this.#socket.destroyed) return;
      this.#changes = engine.onDidChange((change) => {
        if (this.#socket.writableLength < waitingBytesMax) this.#send({ type: "change", change });
      });
      this.#states = engine.onDidChangeState(() => this.#send({ type: "state" }));
    } catch (error) {
      // The client learns it from its first call.
      this.#options.log.log("error", "engine.not-opened", { message: String(error) });
    }
  }

  async #call(id: number, message: Record<string, unknown>): Promise<void> {
    const abort = new AbortController();
    try {
      if (this.#calls.size >= callsMax) {
        throw new OtError("busy", `More than ${callsMax} calls are under way.`, {
          hint: "Wait for some of them.",
        });
      }
      this.#calls.set(id, abort);
      const method = String(message["method"]);
      if (!isEngineMethod(method)) {
        throw new OtError("version-mismatch", `This engine has no call "${method}".`);
      }
      const engine = await this.#options.engine();
      const call = { op: this.#opOf(id, abort), request: message["request"] };
      const value = await callByName(engine, method, call);
      this.#send({ type: "result", id, value: value ?? null });
    } catch (error) {
      this.#send({ type: "error", id, error: toWireError(error) });
      if (!(error instanceof OtError)) {
        const at = error instanceof Error ? (error.stack ?? "").split("\n")[1]?.trim() : undefined;
        this.#options.log.log("error", "engine.call-broken", { message: String(error), at });
      }
    } finally {
      if (this.#calls.get(id) === abort) this.#calls.delete(id);
    }
  }

  #opOf(id: number, abort: AbortController): Op {
    let toldAtMs = Number.NEGATIVE_INFINITY;
    return {
      signal: abort.signal,
      log: this.#options.log,
      progress: (done, total, what) => {
        const nowMs = performance.now();
        if (nowMs - toldAtMs < progressMs) return;
        toldAtMs = nowMs;
        this.#send({ type: "progress", id, done, total, what });
      },
    };
  }

  #send(message: ServerMessage): void {
    if (this.#socket.writableLength > unreadBytesMax) return void this.#socket.destroy();
    sendMessage(this.#socket, message);
  }

  #forget(): void {
    this.#changes?.[Symbol.dispose]();
    this.#states?.[Symbol.dispose]();
    for (const abort of this.#calls.values()) abort.abort();
    this.#calls.clear();
  }
}
