import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { startServer } from "../vscode/host/code-server.ts";
import { ensureCodeServer } from "./host.mjs";
import { node24 } from "./bootstrap.mjs";
import { makeSample, playSample, removeSample, runOt } from "./sample.mjs";
import { say } from "./say.mjs";

/** Plays the sample session and opens it; returns when the window or the server has ended. */
export async function openSample({ root, port }) {
  say("Playing the recorded session into a sample repository ...");
  const sample = await makeSample("simple-fix");
  try {
    await playSample(sample);
    say(`The sample repository is ${sample.repository}.`);
    const { repository: folder, env, folder: scratch } = sample;
    await openWindow({ root, port, folder, env, scratch, isOurs: true });
  } finally {
    removeSample(sample);
  }
  return 0;
}

/** Imports the sessions that the agents keep on this machine and opens the person's own folder. */
export async function openFolder({ root, port, folder }) {
  const env = process.env;
  say("Importing past sessions ...");
  const { totals } = await runOt(["import"], { cwd: folder, env });
  const sessions = totals.sessions === 1 ? "1 session is" : `${totals.sessions} sessions are`;
  say(`${sessions} in the bucket.`);
  const scratch = mkdtempSync(path.join(tmpdir(), "opentraces-start-"));
  try {
    await openWindow({ root, port, folder, env, scratch, isOurs: false });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
  return 0;
}

async function openWindow(place) {
  const code = desktopCode();
  return code === undefined ? openInBrowser(place) : openOnDesktop(code, place);
}

/** The `code` command of a desktop VS Code, if there is one. */
function desktopCode() {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const { status } = spawnSync("code", ["--version"], { stdio: "ignore" });
  return status === 0 ? "code" : undefined;
}

function openOnDesktop(code, { root, folder, env, scratch, isOurs }) {
  say("Opening VS Code; close the window to end this.");
  const args = [
    "--new-window",
    "--wait",
    // An instance of its own, so that it gets this environment.
    `--user-data-dir=${path.join(scratch, "code-user-data")}`,
    `--extensionDevelopmentPath=${root}`,
    // Nobody has to say that they trust what we have just made.
    ...(isOurs ? ["--disable-workspace-trust"] : []),
    folder,
  ];
  const child = spawn(code, args, { env: { ...process.env, ...env }, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
}

async function openInBrowser({ root, port, folder, env, scratch }) {
  say("No desktop VS Code was found; starting one that your browser shows ...");
  const paths = {
    node: await node24(),
    codeServer: await ensureCodeServer(),
    chromium: "",
    chromiumEnv: {},
  };
  const extensionsDir = path.join(scratch, "extensions");
  mkdirSync(extensionsDir, { recursive: true });
  installExtension(root, paths, { extensionsDir, scratch });
  const server = await startServer(paths, { env: { ...env }, extensionsDir, port });
  const url = `http://127.0.0.1:${server.port}/?folder=${encodeURIComponent(folder)}`;
  say("Open this address; Ctrl+C ends it.");
  process.stdout.write(`${url}\n`);
  await new Promise((resolve) => {
    // A terminal's Ctrl+C comes more than once: to every process, and again from our parent.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, resolve);
  });
  await server.stop();
}

/** Packs the extension as it would be published, and installs it into `extensionsDir`. */
function installExtension(root, paths, { extensionsDir, scratch }) {
  const vsix = path.join(scratch, "opentraces.vsix");
  const vsce = path.join(root, "node_modules/@vscode/vsce/vsce");
  // Nothing is published: links of the README stay as they are.
  const local = ["--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository"];
  run(paths.node, [vsce, "package", ...local, "--out", vsix], root);
  const config = ["--config", path.join(scratch, "code-server.yaml")];
  const places = [
    "--user-data-dir",
    path.join(scratch, "user-data"),
    "--extensions-dir",
    extensionsDir,
  ];
  run(paths.node, [paths.codeServer, ...config, ...places, "--install-extension", vsix], scratch);
  if (readdirSync(extensionsDir).length === 0) throw new Error("The extension did not install.");
}

function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${path.basename(args[0] ?? program)} failed: ${stdout}${stderr}`);
}
