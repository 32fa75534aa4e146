import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { silentLogger } from "../../capture/base/log.ts";
import { LocalEngine } from "../../capture/engine/local-engine.ts";
import { type CliRun, runOt } from "./cli-io.ts";
import { hermeticEnv } from "./fixture-repository.mjs";
import { type Fixture, placeFixture, writeNative } from "./fixture.mjs";
import { replay } from "./replay.mjs";

const engineMain = path.resolve(import.meta.dirname, "../../capture/engine/main.ts");
const startMsMax = 60_000;

/**
 * A recorded session in a scratch folder, captured as on a person's machine: hooks in the agent's
 * settings, an engine process that they find alive, the shim, the spool.
 */
export class LiveLab implements AsyncDisposable {
  readonly dir = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-live-")));
  readonly fixture: Fixture;
  readonly repository: string;
  readonly configFolder: string;
  readonly home = path.join(this.dir, "home/.opentraces");
  readonly env: Readonly<Record<string, string>>;
  #engine: ChildProcess | undefined;

  constructor(name: string) {
    const placed = placeFixture(name, this.dir);
    this.fixture = placed.fixture;
    this.repository = placed.repository;
    this.configFolder = placed.configFolder;
    mkdirSync(path.join(this.dir, "home/tmp"), { recursive: true });
    this.env = {
      ...hermeticEnv(path.join(this.dir, "home")),
      TMPDIR: path.join(this.dir, "home/tmp"),
      OPENTRACES_HOME: this.home,
      CLAUDE_CONFIG_DIR: this.configFolder,
    };
  }

  /** Runs verbs in this process, with an engine of its own as `ot` has where none is alive. */
  async ot(...words: readonly string[]): Promise<CliRun> {
    const engine = (): Promise<LocalEngine> =>
      LocalEngine.open({ home: this.home, log: silentLogger, env: this.env });
    return runOt(words, { cwd: this.repository, env: this.env, engine, nowMs: Date.now() });
  }

  /** Starts the engine process, which logs where a detached one does, and waits for its pulse. */
  async startEngine(): Promise<void> {
    mkdirSync(path.join(this.home, "engine"), { recursive: true, mode: 0o700 });
    const log = openSync(path.join(this.home, "engine/log"), "a", 0o600);
    const args = [engineMain, "--home", this.home, "--idle-ms", "600000"];
    this.#engine = spawn(process.execPath, args, {
      env: this.env,
      cwd: this.home,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const heartbeat = path.join(this.home, "spool/.heartbeat");
    for (const startMs = Date.now(); !existsSync(heartbeat); await pause(50)) {
      if (Date.now() - startMs < startMsMax && this.#engine.exitCode === null) continue;
      throw new Error(readFileSync(path.join(this.home, "engine/log"), "utf8"));
    }
  }

  async stopEngine(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine === undefined || engine.exitCode !== null) return;
    const ended = once(engine, "exit");
    engine.kill("SIGTERM");
    await ended;
  }

  /** Plays the whole session through the installed hooks; answers how many of them ran. */
  async play(): Promise<number> {
    const { repository, configFolder, env } = this;
    const { hookRuns } = await replay(this.fixture.schedule, { repository, configFolder, env });
    return hookRuns;
  }

  /** Writes the session's files as after it, for an import. */
  writeNative(): void {
    writeNative(this.fixture, this.configFolder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopEngine();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
