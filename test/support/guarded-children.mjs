// A vitest setup file: every Node process and thread below a test, however deep, gets the loopback
// guard too.
// The environment alone would not do: tests and the product start children with a clean one.
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";

import "./loopback-guard.mjs";

const preload = `--import=${import.meta.url}`;

/** Node's options with this file among them. */
function withPreload(options = "") {
  return options.includes(preload) ? options : `${options} ${preload}`.trim();
}

/** Every asynchronous start ends in this one method, with the environment as `NAME=value`. */
function guardStarts() {
  const { prototype } = childProcess.ChildProcess;
  const { spawn } = prototype;
  prototype.spawn = function guarded(options) {
    const pairs = options.envPairs ?? [];
    const before = pairs.find((pair) => pair.startsWith("NODE_OPTIONS="));
    const value = withPreload(before?.slice("NODE_OPTIONS=".length));
    options.envPairs = [...pairs.filter((pair) => pair !== before), `NODE_OPTIONS=${value}`];
    return spawn.call(this, options);
  };
}

/** The synchronous ones each take their options as the last argument that is an object. */
function guardRuns() {
  for (const name of ["spawnSync", "execFileSync", "execSync"]) {
    const run = childProcess[name];
    childProcess[name] = (...args) => {
      const at = args.findIndex((arg) => isOptions(arg));
      const { env = process.env, ...options } = at < 0 ? {} : args[at];
      const guarded = { ...options, env: { ...env, NODE_OPTIONS: withPreload(env.NODE_OPTIONS) } };
      return run(...(at < 0 ? [...args, guarded] : args.with(at, guarded)));
    };
  }
}

/** A thread has modules of its own, and nothing of what the setup file of a test changed. */
function guardThreads() {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file, options = {}) {
      const { execArgv = [] } = options;
      super(file, { ...options, execArgv: [...execArgv, preload] });
    }
  };
}

function isOptions(arg) {
  return typeof arg === "object" && arg !== null && !Array.isArray(arg);
}

const done = Symbol.for("opentraces.guarded-children");
if (Reflect.get(childProcess, done) !== true) {
  Reflect.set(childProcess, done, true);
  guardStarts();
  guardRuns();
  guardThreads();
  syncBuiltinESMExports();
}
