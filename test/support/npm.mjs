import { spawn } from "node:child_process";

import { Missing } from "./say.mjs";

/** What npm itself reads from the environment; the rest of `npm_*` belongs to the outer script. */
const keptSettings = /^npm_config_(registry|cache|userconfig|globalconfig|offline)$/;

/**
 * Runs npm without install scripts. Throws {@link Missing} with the reason in one sentence.
 *
 * @param {readonly string[]} args
 * @param {{cwd: string, what: string}} options `what` names the thing being installed.
 */
export async function npm(args, { cwd, what }) {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command, ...first] = npmCommand();
  const { code, output } = await run(command, [...first, ...args, ...quiet], cwd);
  if (code !== 0) throw new Missing(reasonOf(output, what));
}

function npmCommand() {
  const path = process.env["npm_execpath"] ?? "";
  // Not yarn's or pnpm's: they set the same variable.
  return /npm-cli\.c?js$/.test(path) ? [process.execPath, path] : ["npm"];
}

/** @returns {Promise<{code: number | null, output: string}>} */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([k]) => !k.startsWith("npm_") || keptSettings.test(k)),
    );
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (d) => (output += d));
    child.on("error", () => reject(new Missing("npm is not on PATH; install Node.js with npm.")));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** @param {string} output @param {string} what */
function reasonOf(output, what) {
  if (/ENOSPC|no space left/i.test(output)) return `No space left on the disk to install ${what}.`;
  if (/EACCES|EPERM|EROFS/.test(output)) return `No permission to write ${what}: ${tail(output)}`;
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED/.test(output)) {
    return `The npm registry cannot be reached, so there is no way to install ${what}.`;
  }
  return `npm could not install ${what}: ${tail(output)}`;
}

function tail(output) {
  return output.trim().split("\n").slice(-6).join("\n");
}
