import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { CLAUDE_VERSION, installClaude, OLD_CLAUDE_VERSION } from "./agent-lab/claude-client.mjs";
import { ensureHost } from "./host.mjs";

const reportLinesMax = 40;
const agentsMsMax = 5 * 60 * 1000;
const checkMsMax = 8 * 60 * 1000;
const startMsMax = 4 * 60 * 1000;

/**
 * One check of `npm test`. `report` says what failed and where the whole output is; `prepare`
 * installs what it needs, for nothing below a test may reach the network any more.
 *
 * @typedef {{passed: number, failed: number, report: string}} Outcome
 *
 * @typedef {{name: string, needsBuild?: boolean, prepare?: () => Promise<unknown>,
 *   run: (root: string) => Promise<Outcome>}} Check
 */

/** In the order in which they run: the quickest to fail first. @type {readonly Check[]} */
export const checks = [
  tool("format", ["oxfmt/bin/oxfmt", "--check", "."]),
  tool("lint", ["oxlint/bin/oxlint", "--type-aware", "--deny-warnings"]),
  tool("types", ["typescript/bin/tsc"]),
  tool("unused", ["knip/bin/knip.js"]),
  vitest("tests", "fast", checkMsMax),
  { ...vitest("vscode", "vscode", checkMsMax), prepare: ensureHost },
  program("start", ["test/support/start.mjs", "--check", "artifacts/start"], startMsMax),
  { ...vitest("agents", "agents", agentsMsMax), prepare: installAgents },
];

/** The clients and the window that they are started in. */
async function installAgents() {
  await ensureHost();
  for (const version of [CLAUDE_VERSION, OLD_CLAUDE_VERSION]) await installClaude(version);
}

/** A tool of node_modules. @returns {Check} */
function tool(name, [script, ...args]) {
  return program(name, [`node_modules/${script}`, ...args], checkMsMax);
}

/** A script that passes or fails as one. @returns {Check} */
function program(name, command, limitMs) {
  return {
    name,
    async run(root) {
      const { code, logFile } = await runLogged(root, name, command, limitMs);
      if (code === 0) return { passed: 1, failed: 0, report: "" };
      return { passed: 0, failed: 1, report: `${tailOf(logFile)}\n(all of it: ${logFile})` };
    },
  };
}

/** One project of vitest.config.ts, counted by its tests. @returns {Check} */
function vitest(name, project, limitMs) {
  return {
    name,
    needsBuild: true,
    async run(root) {
      const resultFile = path.join(root, "artifacts/test", `${name}.json`);
      rmSync(resultFile, { force: true });
      const reporters = [
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${resultFile}`,
      ];
      const config = ["--config", "test/vitest.config.ts", "--root", "."];
      const script = "node_modules/vitest/vitest.mjs";
      const args = ["run", ...config, "--project", project, ...reporters];
      const { code, logFile } = await runLogged(root, name, [script, ...args], limitMs);
      return countOf(resultFile, code, logFile);
    },
  };
}

/** @returns {Outcome} */
function countOf(resultFile, code, logFile) {
  if (!existsSync(resultFile)) {
    return { passed: 0, failed: 1, report: `${tailOf(logFile)}\n(all of it: ${logFile})` };
  }
  const result = JSON.parse(readFileSync(resultFile, "utf8"));
  const failures = result.testResults.flatMap(failuresOf);
  // An error outside of any test fails the run too.
  if (code !== 0 && failures.length === 0) failures.push(`vitest ended with ${code}`);
  const report = failures.map((failure) => `  ${failure}`).join("\n");
  return {
    passed: result.numPassedTests,
    failed: failures.length,
    report: failures.length === 0 ? "" : `${cut(report)}\n(all of it: ${logFile})`,
  };
}

function failuresOf({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === "failed");
  // A file that could not be loaded has no tests of its own.
  if (status === "failed" && failed.length === 0) return [`${name}: ${firstLine(message)}`];
  return failed.map((test) => `${test.fullName}: ${firstLine(test.failureMessages.join("\n"))}`);
}

/** Runs a script with its output in a file. Ends it after `limitMs`. */
function runLogged(root, name, [script, ...args], limitMs) {
  const folder = path.join(root, "artifacts/test");
  mkdirSync(folder, { recursive: true });
  const logFile = path.join(folder, `${name}.log`);
  const log = createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    const command = [path.join(root, script), ...args];
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      timeout: limitMs,
    });
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
    child.on("error", reject);
    child.on("close", (code) => log.end(() => resolve({ code, logFile })));
  });
}

function tailOf(logFile) {
  return cut(readFileSync(logFile, "utf8").trim().split("\n").slice(-reportLinesMax).join("\n"));
}

function cut(text) {
  const lines = text.split("\n");
  return lines.length <= reportLinesMax
    ? text
    : [...lines.slice(0, reportLinesMax), `  ... and ${lines.length - reportLinesMax} more`].join(
        "\n",
      );
}

function firstLine(text) {
  return (text ?? "").trim().split("\n")[0].slice(0, 300);
}
