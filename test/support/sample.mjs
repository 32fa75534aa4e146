import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { root } from "./bootstrap.mjs";
import { hermeticEnv } from "./fixture-repository.mjs";
import { placeFixture } from "./fixture.mjs";
import { replay } from "./replay.mjs";

const liveMsMax = 20_000;
const heartbeatSecondsMax = 4;
const engineEndMsMax = 3_000;

/**
 * A sample repository with a recorded session played into it through live capture: hooks are
 * installed by `ot setup`, `ot capture` runs beside, each recorded edit is applied to the real
 * tree between its Pre and Post payload.
 *
 * @typedef {{folder: string, repository: string, configFolder: string, home: string,
 *   env: Record<string, string>, ot: (...args: string[]) => Promise<any>}} Sample
 */

/**
 * Makes the folders and turns capture on; no session yet.
 *
 * @param {string} name A fixture of `test/fixtures/claude-code`.
 * @returns {Promise<Sample & {fixture: any}>}
 */
export async function makeSample(name) {
  const folder = mkdtempSync(path.join(tmpdir(), "opentraces-sample-"));
  const { fixture, repository, configFolder } = placeFixture(name, folder);
  const home = path.join(folder, "home");
  mkdirSync(path.join(home, "tmp"), { recursive: true });
  const env = {
    ...hermeticEnv(home),
    TMPDIR: path.join(home, "tmp"),
    XDG_RUNTIME_DIR: path.join(home, "tmp"),
    OPENTRACES_HOME: path.join(home, ".opentraces"),
    CLAUDE_CONFIG_DIR: configFolder,
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
  };
  const ot = (...args) => runOt(args, { cwd: repository, env });
  await ot("setup", "claude-code", "--yes");
  return { folder, fixture, repository, configFolder, home, env, ot };
}

/**
 * Plays the session with `ot capture` running beside it, and waits until all of it is taken in.
 *
 * @param {Sample & {fixture: any}} sample
 * @param {{speed?: number, onItem?: (item: any) => unknown}} [options]
 */
export async function playSample(sample, options = {}) {
  const { repository, configFolder, env, fixture } = sample;
  const capture = await startCapture(sample);
  try {
    await replay(fixture.schedule, { repository, configFolder, env, ...options });
  } finally {
    await capture.stop();
  }
  await sample.ot("capture", "--once");
}

/** Ends the sample's engine and removes its folder. @param {Sample} sample */
export function removeSample(sample) {
  endEngine(path.join(sample.home, ".opentraces"));
  rmSync(sample.folder, { recursive: true, force: true, maxRetries: 5 });
}

/** An engine stays for a while after its last window; it would write on where it was removed. */
function endEngine(home) {
  const [seconds, pid] = heartbeatOf(home);
  const isFresh = Date.now() / 1_000 - seconds < heartbeatSecondsMax;
  if (!isFresh || !(pid > 1)) return;
  const endMs = Date.now() + engineEndMsMax;
  try {
    process.kill(pid, "SIGTERM");
    while (Date.now() < endMs) {
      process.kill(pid, 0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  } catch {
    // It is gone.
  }
}

/** @returns {readonly number[]} When the engine of a home last wrote, and its process. */
function heartbeatOf(home) {
  try {
    return readFileSync(path.join(home, "spool/.heartbeat"), "utf8").split(" ").map(Number);
  } catch {
    return [0, 0];
  }
}

/** Starts `ot capture` and waits until it is the engine that hooks find alive. */
async function startCapture({ repository, env }) {
  const child = spawn(process.execPath, [cli(), "capture"], {
    cwd: repository,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`ot capture did not come up: ${said}`));
    }, liveMsMax);
    const hear = (chunk) => {
      said += chunk;
      if (!/capturing/iu.test(said)) return;
      clearTimeout(timer);
      resolve(undefined);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => reject(new Error(`ot capture ended with ${code}: ${said}`)));
  });
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/**
 * Runs one `ot` command with `--json` and gives back its answer. Throws what it said instead; the
 * error's `told` is that as a sentence for people, where it is one.
 */
export function runOt(args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli(), ...args, "--json"], { cwd, env });
    const out = [];
    const err = [];
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const text = Buffer.concat(out).toString("utf8");
      if (code === 0) return resolve(JSON.parse(text));
      const said = text === "" ? Buffer.concat(err).toString("utf8") : text;
      const error = new Error(`ot ${args.join(" ")} exited with ${code}: ${said}`);
      return reject(Object.assign(error, { told: sentenceOf(text) }));
    });
  });
}

/** @param {string} text What `--json` printed. */
function sentenceOf(text) {
  try {
    const { message, hint } = JSON.parse(text).error;
    return [message, hint].filter(Boolean).join(" ");
  } catch {
    return undefined;
  }
}

function cli() {
  return path.join(root, "dist", "ot.cjs");
}
