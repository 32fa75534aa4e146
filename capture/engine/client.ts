import { mkdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { systemFault } from "../base/atomic-write.ts";
import { isErrno, OtError } from "../base/errors.ts";
import { type Home, homeAt, homeFrom } from "../base/home.ts";
import { type DetachedProcess, startDetached } from "../base/process.ts";
import { version } from "../base/version.ts";
import type { Engine, OpenOptions } from "./engine.ts";
import { type EnginePlace, enginePlace, prepareFolder } from "./place.ts";
import { RemoteEngine } from "./remote-engine.ts";
import { onMessages, protocolVersion, sendMessage } from "./wire.ts";

const startMsMax = 20_000;
const pollMs = 25;
const helloMsMax = 5_000;

/**
 * Connects to the engine of this machine user, and starts one if none answers.
 *
 * Throws `engine-unreachable`, `version-mismatch` (the engine is newer than this client and speaks
 * another protocol) and `home-read-only`.
 */
export async function connectEngine(options: OpenOptions): Promise<Engine> {
  const home = options.home === undefined ? homeFrom(process.env) : homeAt(options.home);
  const place = enginePlace(home);
  await prepareFolder(place).catch((error: unknown) => {
    throw systemFault(error, home.engineDir);
  });
  const deadlineMs = performance.now() + startMsMax;
  let started: DetachedProcess | undefined;
  while (performance.now() < deadlineMs) {
    const answer = await greet(place, options.onLost);
    if (answer.kind === "engine") return answer.engine;
    if (answer.kind === "nobody") {
      if (started === undefined) started = await startEngine(home, place, options);
      else if (started.exitCode() !== null && started.exitCode() !== 0) throw await failed(place);
      // It lost an election to one that has gone since.
      else if (started.exitCode() === 0) started = undefined;
    }
    await delay(pollMs);
  }
  throw new OtError("engine-unreachable", `The engine did not answer within ${startMsMax} ms.`, {
    hint: `Its log is ${place.logFile}.`,
  });
}

/** Connects to an engine that answers now; null if none does. Starts none. */
export async function joinEngine(home: Home, onLost?: () => void): Promise<RemoteEngine | null> {
  const answer = await greet(enginePlace(home), onLost);
  return answer.kind === "engine" ? answer.engine : null;
}

type Greeting =
  | { readonly kind: "engine"; readonly engine: RemoteEngine }
  | { readonly kind: "nobody" | "leaving" };

async function greet(place: EnginePlace, onLost: (() => void) | undefined): Promise<Greeting> {
  const socket = await dial(place.address);
  if (socket === null) return { kind: "nobody" };
  const engine = new RemoteEngine(socket);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), helloMsMax);
    let isWelcome = false;
    const settle = (greeting: Greeting): void => {
      clearTimeout(timer);
      if (greeting.kind !== "engine") {
        // Nobody has this engine yet: it is not lost.
        void engine.close();
        socket.destroy();
      }
      resolve(greeting);
    };
    onMessages(socket, (message) => {
      if (isWelcome) return engine.receive(message);
      if (message["type"] !== "welcome") return settle({ kind: "leaving" });
      if (message["protocol"] !== protocolVersion) {
        clearTimeout(timer);
        void engine.close();
        return reject(mismatch(String(message["version"])));
      }
      isWelcome = true;
      const peer = { version: String(message["version"]), pid: Number(message["pid"]) };
      engine.welcome(peer, onLost);
      settle({ kind: "engine", engine });
    });
    socket.once("close", () => {
      if (!isWelcome) settle({ kind: "leaving" });
    });
    sendMessage(socket, { type: "hello", protocol: protocolVersion, version });
  });
}

/** Null if nobody listens. */
function dial(address: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) => {
      if (isErrno(error, "ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTSOCK", "ENOTDIR")) {
        return resolve(null);
      }
      // A full backlog. A second engine that is started for it finds the first, and ends.
      if (isErrno(error, "EAGAIN")) return resolve(null);
      return reject(
        new OtError("engine-unreachable", `${address} cannot be reached.`, { cause: error }),
      );
    });
  });
}

async function startEngine(
  home: Home,
  place: EnginePlace,
  options: OpenOptions,
): Promise<DetachedProcess> {
  if (options.entry === undefined) {
    throw new OtError("engine-unreachable", "No engine is running, and none can be started here.");
  }
  try {
    await mkdir(home.engineDir, { recursive: true, mode: 0o700 });
    return await startDetached({
      command: process.execPath,
      args: [options.entry, "--home", home.root],
      // An Electron that is asked to be Node is one; a real Node passes over it.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      cwd: home.root,
      logFile: place.logFile,
    });
  } catch (error) {
    throw systemFault(error, home.engineDir);
  }
}

async function failed(place: EnginePlace): Promise<OtError> {
  const log = await readFile(place.logFile, "utf8").catch(() => "");
  const last = log.trim().split("\n").at(-1) ?? "";
  return new OtError("engine-unreachable", "The engine process ended right after its start.", {
    hint: `Its log is ${place.logFile}${last === "" ? "." : `; it ends with: ${last}`}`,
  });
}

function mismatch(engineVersion: string): OtError {
  return new OtError(
    "version-mismatch",
    `The running engine is version ${engineVersion}, newer than this ${version}.`,
    { hint: "Update opentraces here, or close the windows that use the newer one." },
  );
}
