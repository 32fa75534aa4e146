import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { installOnce } from "./cache-folder.mjs";
import { npm } from "./npm.mjs";
import { Missing, say, seconds } from "./say.mjs";

const nodeVersion = "24.21.0";
const nodeMajor = 24;

/** The checkout this script belongs to. */
export const root = path.resolve(import.meta.dirname, "../..");

/**
 * Makes the rest of a script run on Node 24 with the packages of the lock file installed.
 *
 * Runs on Node 20.19 with nothing installed. When this Node is too old it starts the script again
 * on a newer one and never returns, so import anything that is not in `node:` after it.
 *
 * @param {string} scriptUrl `import.meta.url` of the script to go on with.
 */
export async function bootstrap(scriptUrl) {
  requireGit();
  const isNewEnough = majorOf(process.versions.node) >= nodeMajor;
  const node = isNewEnough ? process.execPath : await node24();
  process.env["PATH"] = `${path.dirname(node)}${path.delimiter}${process.env["PATH"] ?? ""}`;
  await installPackages();
  if (!isNewEnough) await startAgain(node, scriptUrl);
}

/** Path of a Node of exactly the major version that code-server runs on; installs it if needed. */
export async function node24() {
  if (majorOf(process.versions.node) === nodeMajor) return process.execPath;
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const about = { what: `Node ${nodeVersion}`, needMiB: 500 };
  const folder = await installOnce(`node-${nodeVersion}`, about, (cwd) =>
    npm(["install", "--prefix", cwd, `${name}@${nodeVersion}`], { cwd, what: about.what }),
  );
  const file = process.platform === "win32" ? "node.exe" : "node";
  return path.join(folder, "node_modules", name, "bin", file);
}

function majorOf(version) {
  return Number(version.split(".")[0]);
}

function requireGit() {
  const { error, status } = spawnSync("git", ["--version"], { stdio: "ignore" });
  if (error || status !== 0) throw new Missing("git is not on PATH; install git and run again.");
}

async function installPackages() {
  if (hasPackagesOf(root)) return;
  const startMs = Date.now();
  say("Installing the packages of package-lock.json ...");
  await npm(["ci"], { cwd: root, what: "the packages of package-lock.json" });
  say(`Installed the packages in ${seconds(startMs)}.`);
}

/**
 * Whether node_modules holds what the lock file names, by npm's own record of what it installed.
 * Times of files would not do: a fresh checkout or a copied folder changes them.
 *
 * @param {string} folder
 */
export function hasPackagesOf(folder) {
  const installed = packagesIn(path.join(folder, "node_modules/.package-lock.json"));
  const wanted = packagesIn(path.join(folder, "package-lock.json"));
  return Object.entries(wanted).every(
    ([at, { version, optional }]) =>
      at === "" || (at in installed ? installed[at].version === version : optional === true),
  );
}

/** @returns {Record<string, {version?: string, optional?: boolean}>} */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

/** @param {string} node @param {string} scriptUrl @returns {Promise<never>} */
function startAgain(node, scriptUrl) {
  const args = [fileURLToPath(scriptUrl), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}
