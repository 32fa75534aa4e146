import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";

import { systemFault } from "../base/atomic-write.ts";
import { lockFile } from "../base/file-lock.ts";
import type { Logger } from "../base/log.ts";
import { quietOp } from "../base/op.ts";
import { version } from "../base/version.ts";
import { ClientSession } from "./client-session.ts";
import type { Engine } from "./engine.ts";
import { type EnginePlace, prepareFolder } from "./place.ts";
import { compareVersions } from "./wire.ts";

export interface ServerOptions {
  readonly place: EnginePlace;
  readonly log: Logger;
  /** How long it stays after the last client has gone; null: for good. */
  readonly idleMs: number | null;
  /** Asked for when the first client calls. */
  readonly engine: () => Promise<Engine>;
  /** In place of the product's version; a newer client makes the server leave. */
  readonly version?: string;
}

/**
 * The engine's socket. Binding it is the election: there is one engine because there is one socket.
 *
 * Invariant: whoever removes a socket file holds the lock, and has found that nobody answers on it.
 */
export class EngineServer {
  readonly #options: ServerOptions;
  readonly #version: string;
  readonly #server: Server;
  readonly #clients = new Set<ClientSession>();
  readonly #gone: Promise<void>;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #leave: () => void = () => undefined;
  #hasLeft = false;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#version = options.version ?? version;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#gone = new Promise((resolve) => (this.#leave = resolve));
  }

  /** Null if another engine answers already. Throws `home-read-only` and `disk-full`. */
  static async listen(options: ServerOptions): Promise<EngineServer | null> {
    const { place } = options;
    try {
      await prepareFolder(place);
      await using lock = await lockFile(quietOp(options.log), place.lockFile);
      void lock;
      if (await isAnswered(place.address)) return null;
      if (place.folder !== null) await rm(place.address, { force: true });
      const server = new EngineServer(options);
      await server.#bind();
      return server;
    } catch (error) {
      throw systemFault(error, place.address);
    }
  }

  /** Resolves when it has left the socket, for whatever reason. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Leaves the socket at once, so that another engine can bind it, and drops the clients. */
  leave(why: string): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    clearTimeout(this.#idle);
    this.#options.log.log("info", "engine.leaving", { why });
    this.#server.close();
    for (const client of this.#clients) client.end();
    this.#leave();
  }

  async #bind(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.place.address, () => resolve());
    });
    this.#server.on("error", () => this.leave("socket fault"));
    this.#waitForClients();
  }

  #accept(socket: Socket): void {
    clearTimeout(this.#idle);
    const client = new ClientSession(socket, {
      log: this.#options.log,
      version: this.#version,
      engine: this.#options.engine,
      onNewer: () => this.leave("newer client"),
      isNewer: (theirs) => compareVersions(theirs, this.#version) > 0,
    });
    this.#clients.add(client);
    socket.once("close", () => {
      this.#clients.delete(client);
      this.#waitForClients();
    });
  }

  #waitForClients(): void {
    const { idleMs } = this.#options;
    if (this.#clients.size > 0 || this.#hasLeft || idleMs === null) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.leave("no client"), idleMs);
  }
}

/** Whether somebody takes a connection: the one proof that an engine lives. */
function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
