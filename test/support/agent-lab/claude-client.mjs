// Installs the real Claude Code client from npm into the user's cache folder: the platform
// package alone, which is one native program that needs no Node. A second run needs no network.
import { existsSync } from "node:fs";
import path from "node:path";

import { installOnce } from "../cache-folder.mjs";
import { npm } from "../npm.mjs";

/** The version that tests run unless they say otherwise. */
export const CLAUDE_VERSION = "2.1.330";

/** The last version without a request journal, which Node 20 users of npm still get. */
export const OLD_CLAUDE_VERSION = "2.1.197";

const scope = "@anthropic-ai";
const needMiB = 700;

/**
 * Path of the client's program; installs it on first use.
 *
 * @param {string} version
 */
export async function installClaude(version = CLAUDE_VERSION) {
  const name = `claude-code-${platformName()}`;
  const what = `Claude Code ${version}`;
  const folder = await installOnce(
    `agents-claude-code-${version}`,
    { what: `${what} (for tests against a scripted model)`, needMiB },
    (cwd) => npm(["install", "--prefix", cwd, `${scope}/${name}@${version}`], { cwd, what }),
  );
  const program = process.platform === "win32" ? "claude.exe" : "claude";
  const file = path.join(folder, "node_modules", scope, name, program);
  if (!existsSync(file)) throw new Error(`${what} was installed, but ${file} is not there`);
  return file;
}

function platformName() {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return base;
  const { header } = process.report.getReport();
  return header.glibcVersionRuntime === undefined ? `${base}-musl` : base;
}
