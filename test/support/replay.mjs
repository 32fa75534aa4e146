// Plays a recorded session into a repository and a config folder as the client did: transcript
// lines are appended one by one, hooks run with their payload on stdin, and each recorded edit
// is applied between the payloads that open and close its call. Runs on Node 20.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hermeticEnv } from "./fixture-repository.mjs";

/**
 * Plays `schedule`. Options: `repository`, `configFolder` (both exist); `hooks`: `'settings'`
 * (default) runs what settings.json of the config folder has installed, as the client would, an
 * array is one command for every event, null runs none; `env`: added to the hooks' environment;
 * `speed`: 0 (default) waits nowhere, 1 keeps the recorded pace, `pauseMsMax` caps one wait;
 * `onItem(item)`: called before each item and awaited; `signal`: aborts between two items.
 * Gives back counts. Throws when an edit does not apply, or a hook prints or fails.
 */
export async function replay(schedule, options) {
  const counts = { lines: 0, files: 0, edits: 0, hooks: 0, hookRuns: 0 };
  const { speed = 0, pauseMsMax = 1000, onItem, signal } = options;
  let beforeMs = schedule[0]?.atMs ?? 0;
  for (const item of schedule) {
    signal?.throwIfAborted();
    if (speed > 0) await pause(Math.min((item.atMs - beforeMs) / speed, pauseMsMax));
    beforeMs = item.atMs;
    await onItem?.(item);
    await play(item, options, counts);
  }
  return counts;
}

async function play(item, options, counts) {
  if (item.kind === "hook") {
    counts.hooks += 1;
    counts.hookRuns += await runHooks(item.payload, options);
  } else if (item.kind === "edit") {
    counts.edits += 1;
    await applyChange(item, options.repository);
  } else if (item.kind === "line") {
    counts.lines += 1;
    appendFileSync(placed(options.configFolder, item.path), `${item.text}\n`, { mode: 0o600 });
  } else {
    counts.files += 1;
    writeFileSync(placed(options.configFolder, item.path), item.text, { mode: 0o600 });
  }
}

function placed(configFolder, path) {
  const file = join(configFolder, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return file;
}

/** Applies one recorded change to the tree as it is now, which others may have changed too. */
export async function applyChange({ change, startMs }, repository) {
  if (change.kind === "write") {
    mkdirSync(dirname(change.path), { recursive: true });
    writeFileSync(change.path, change.text);
  } else if (change.kind === "replace") {
    const text = readFileSync(change.path, "utf8");
    if (!text.includes(change.oldString)) {
      throw new Error(`the recorded edit of ${change.path} does not apply`);
    }
    const parts = text.split(change.oldString);
    const changed = change.everywhere
      ? parts.join(change.newString)
      : [parts[0], parts.slice(1).join(change.oldString)].join(change.newString);
    writeFileSync(change.path, changed);
  } else {
    // With the second of its start, a recorded commit gets its recorded id.
    const env = hermeticEnv(repository, Math.floor(startMs / 1000));
    await run(["sh", "-c", change.command], { cwd: repository, env });
  }
}

async function runHooks(payload, options) {
  const { hooks = "settings", configFolder, repository, env = {} } = options;
  if (hooks === null) return 0;
  const commands = hooks === "settings" ? installedHooks(configFolder, payload) : [hooks];
  for (const command of commands) {
    const printed = await run(command, {
      cwd: repository,
      env: { ...hermeticEnv(dirname(configFolder)), CLAUDE_CONFIG_DIR: configFolder, ...env },
      input: JSON.stringify(payload),
    });
    if (printed !== "") throw new Error(`a hook printed ${JSON.stringify(printed)}`);
  }
  return commands.length;
}

/** The commands that the client would run for a payload, by event and matcher. */
function installedHooks(configFolder, payload) {
  const { hooks = {} } = JSON.parse(readFileSync(join(configFolder, "settings.json"), "utf8"));
  const groups = hooks[payload.hook_event_name] ?? [];
  return groups
    .filter(({ matcher = "" }) => {
      if (matcher === "" || matcher === "*") return true;
      return new RegExp(`^(?:${matcher})$`).test(payload.tool_name ?? "");
    })
    .flatMap((group) => group.hooks)
    .filter(({ type }) => type === "command")
    .map(({ command, args = [] }) =>
      args.length > 0 ? [command, ...args] : ["sh", "-c", command],
    );
}

function run([program, ...args], { cwd, env, input = "" }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    const out = [];
    const err = [];
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    child.on("error", reject);
    // A hook that exits without reading its payload is its own business.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(out).toString("utf8"));
      const said = Buffer.concat(err).toString("utf8").trim();
      return reject(new Error(`${program} ${args.join(" ")} exited with ${code}: ${said}`));
    });
  });
}
