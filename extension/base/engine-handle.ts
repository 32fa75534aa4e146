import * as vscode from "vscode";

import type { BucketChange, Engine, Logger } from "../../capture/api.ts";
import { loadLate } from "../load-late.ts";
import { onDidChangeSettings, readSettings } from "./settings.ts";

/** After a failed start, or one that broke at once, the next attempt waits this long. */
const retryAfterMs = 5_000;

interface Failure {
  readonly error: unknown;
  readonly atMs: number;
}

/**
 * The engine, started by whoever needs it first and shared by everything else.
 *
 * Activation only makes this object; nothing is loaded, spawned or opened before the first `get`.
 */
export class EngineHandle implements vscode.Disposable {
  readonly #log: Logger;
  readonly #entry: string;
  readonly #changes = new vscode.EventEmitter<BucketChange>();
  readonly #states = new vscode.EventEmitter<void>();
  readonly #settings: vscode.Disposable;
  #starting: Promise<Engine> | undefined;
  #failure: Failure | undefined;
  /** Which start is the valid one: what older ones still bring about is nobody's business. */
  #attempt = 0;
  #home = "";
  #isDisposed = false;

  /** Fires after each change of the bucket. */
  readonly onDidChange = this.#changes.event;
  /** Fires when the engine has come up, failed or gone away, and when capture is switched. */
  readonly onDidChangeState = this.#states.event;

  /** `entry` is the absolute path of the engine process's bundle. */
  constructor(log: Logger, entry: string) {
    this.#log = log;
    this.#entry = entry;
    this.#settings = onDidChangeSettings(() => {
      if (this.#starting !== undefined && readSettings().home !== this.#home) this.restart();
    });
  }

  /** Throws what kept the engine from starting; a call some seconds later tries again. */
  get(): Promise<Engine> {
    if (this.#starting !== undefined) return this.#starting;
    const failure = this.#failure;
    if (failure !== undefined && performance.now() - failure.atMs < retryAfterMs) {
      return Promise.reject(failure.error);
    }
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#starting = this.#start(attempt).catch((error: unknown) => {
      if (attempt === this.#attempt) {
        this.#starting = undefined;
        this.#fail(error);
      }
      throw error;
    });
    return this.#starting;
  }

  get isFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Gives up the connection, forgets the last failure and lets everybody ask anew. */
  restart(): void {
    const before = this.#starting;
    this.#attempt += 1;
    this.#starting = undefined;
    this.#failure = undefined;
    void before?.then(
      (engine) => engine.close(),
      () => undefined,
    );
    this.#states.fire();
  }

  /** Tells everybody that the state of capture is another now. */
  stateChanged(): void {
    this.#states.fire();
  }

  async #start(attempt: number): Promise<Engine> {
    const startedMs = performance.now();
    const { openEngine } = await loadLate();
    const { home } = readSettings();
    this.#home = home;
    let isLost = false;
    // It may be lost before it is here.
    let engine: Engine | undefined;
    engine = await openEngine({
      mode: "shared",
      entry: this.#entry,
      log: this.#log,
      ...(home === "" ? {} : { home }),
      onLost: () => {
        isLost = true;
        if (attempt === this.#attempt) this.#lost(engine, performance.now() - startedMs);
      },
    });
    if (this.#isDisposed || isLost) {
      await engine.close();
      throw new Error("The engine went away while it was starting.");
    }
    // Who gave this start up closes what comes of it.
    if (attempt !== this.#attempt) return engine;
    engine.onDidChange((change) => this.#changes.fire(change));
    engine.onDidChangeState(() => this.#states.fire());
    this.#failure = undefined;
    this.#log.log("info", "engine.connected", { durationMs: performance.now() - startedMs });
    // Whoever waits for this engine gets it before anybody is told to ask again.
    setTimeout(() => this.#states.fire(), 0);
    return engine;
  }

  #lost(engine: Engine | undefined, livedMs: number): void {
    this.#log.log("warn", "engine.lost", { livedMs });
    if (engine === undefined || this.#isDisposed) return;
    this.#starting = undefined;
    if (livedMs < retryAfterMs) this.#fail(new Error("The engine ended right after its start."));
    else this.#states.fire();
  }

  /** Only the first of several failures is told: those who are told ask again. */
  #fail(error: unknown): void {
    const isFirst = this.#failure === undefined;
    this.#failure = { error, atMs: performance.now() };
    if (isFirst && !this.#isDisposed) this.#states.fire();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#settings.dispose();
    this.#changes.dispose();
    this.#states.dispose();
    void this.#starting?.then(
      (engine) => engine.close(),
      () => undefined,
    );
  }
}
