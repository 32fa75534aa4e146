#!/usr/bin/env node
// A "VS Code executable" for @vscode/test-electron: it takes the arguments of desktop VS Code and
// runs the tests in code-server with a headless Chromium instead.
//
// Exit code: 0 or 1 from the tests, 70 the page crashed, 71 it did not start, 124 no result in
// time, 130 stopped by a signal.
import { statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { format } from "node:util";

import { develop, startBrowser, workbenchUrl } from "./browser.ts";
import { type HostPaths, startServer } from "./code-server.ts";

const resultMsMax = Number(process.env["OT_HOST_TIMEOUT_MS"] ?? 180_000);

interface Arguments {
  readonly folder: string | undefined;
  readonly extensions: readonly string[];
  readonly tests: string | undefined;
  readonly extensionsDir: string | undefined;
}

function readArguments(argv: readonly string[]): Arguments {
  const valuesOf = (name: string): string[] =>
    argv.filter((a) => a.startsWith(`--${name}=`)).map((a) => a.slice(name.length + 3));
  const folder = argv
    .filter((a) => !a.startsWith("-"))
    .map((a) => path.resolve(a))
    .find((a) => statSync(a, { throwIfNoEntry: false })?.isDirectory() === true);
  return {
    folder,
    extensions: valuesOf("extensionDevelopmentPath"),
    tests: valuesOf("extensionTestsPath")[0],
    extensionsDir: valuesOf("extensions-dir")[0],
  };
}

/** Runs the tests and resolves to the exit code. */
async function run(paths: HostPaths, args: Arguments, stopped: Promise<number>): Promise<number> {
  const { folder, extensions, tests, extensionsDir } = args;
  const server = await startServer(paths, {
    env: ownEnv(),
    ...(extensionsDir === undefined ? {} : { extensionsDir }),
  });
  const browser = await startBrowser(paths);
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const result = new Promise<number>((resolve) => {
      page.once("crash", () => resolve(70));
      void page.exposeFunction("codeAutomationExit", resolve);
    });
    await page.exposeFunction("codeAutomationLog", (type: string, values: unknown[]) => {
      const stream = type === "error" ? process.stderr : process.stdout;
      stream.write(`${format(...values)}\n`);
    });
    await develop(page, server.port, { extensions, tests });
    await page.goto(workbenchUrl(server.port, folder));
    return await Promise.race([result, stopped]);
  } finally {
    await browser.close();
    await server.stop();
  }
}

function ownEnv(): Record<string, string> {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
}

/** Resolves when a signal comes or the time is up. */
function whenStopped(): Promise<number> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      process.stderr.write(`No result from the tests within ${resultMsMax} ms.\n`);
      resolve(124);
    }, resultMsMax);
    timer.unref();
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => resolve(130));
  });
}

try {
  const paths: HostPaths = JSON.parse(process.env["OT_HOST_PATHS"] ?? "");
  process.exit(await run(paths, readArguments(process.argv.slice(2)), whenStopped()));
} catch (error) {
  process.stderr.write(`${format(error)}\n`);
  process.exit(71);
}
