import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { silentLogger } from "../../capture/base/log.ts";
import { homeAt } from "../../capture/base/home.ts";
import { type Engine, openEngine, type OpenOptions } from "../../capture/api.ts";
import { enginePlace } from "../../capture/engine/place.ts";
import { useOwnHome } from "./own-home.ts";

/** A scratch home with an engine of its own, and the processes that were started for it. */
export class EngineLab implements AsyncDisposable {
  readonly dir = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-engine-")));
  readonly home = homeAt(path.join(this.dir, "home"));
  readonly place = enginePlace(this.home);
  readonly entry: string;
  readonly #children: ChildProcess[] = [];
  readonly #engines: Engine[] = [];
  /** An engine that a client starts has the client's environment. */
  readonly #ownHome = useOwnHome(this.dir);

  constructor(entry: string) {
    this.entry = entry;
  }

  /** Starts an engine process by hand; agents' folders are looked for in this lab only. */
  start(...args: readonly string[]): ChildProcess {
    return this.#spawn(this.entry, "--home", this.home.root, ...args);
  }

  /** Starts an engine process that says it is of another version. */
  startAs(version: string): ChildProcess {
    const entry = path.join(import.meta.dirname, "engine-as-version.ts");
    return this.#spawn(entry, this.home.root, version);
  }

  #spawn(...args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, {
      env: this.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#children.push(child);
    return child;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: this.dir,
      CLAUDE_CONFIG_DIR: path.join(this.dir, ".claude"),
    };
  }

  /** Connects as a window does. */
  async connect(options: Partial<OpenOptions> = {}): Promise<Engine> {
    const engine = await openEngine({
      mode: "shared",
      home: this.home.root,
      entry: this.entry,
      log: silentLogger,
      ...options,
    });
    this.#engines.push(engine);
    return engine;
  }

  /** Process ids of the engines that began to listen, oldest first, by the log of detached ones. */
  startedPids(): number[] {
    if (!existsSync(this.place.logFile)) return [];
    const lines = readFileSync(this.place.logFile, "utf8").split("\n");
    return lines.flatMap((line) => {
      if (!line.includes('"engine.started"')) return [];
      return [Number(JSON.parse(line).pid)];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#engines) await engine.close();
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    for (const pid of this.startedPids()) {
      if (isAlive(pid)) process.kill(pid, "SIGTERM");
      await until(() => !isAlive(pid));
    }
    this.#ownHome[Symbol.dispose]();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition that other processes bring about. */
export async function until(condition: () => boolean, msMax = 15_000): Promise<void> {
  const deadlineMs = performance.now() + msMax;
  while (!condition()) {
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${msMax} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a child writes to stderr until it ends. */
export async function stderrOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stderr?.on("data", (chunk) => (text += chunk));
  await once(child, "close");
  return text;
}
