import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Writable } from "node:stream";
import path from "node:path";

import { runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

import { ensureHost } from "../../support/host.mjs";
import { hermeticEnv } from "./code-server.ts";
import type { HostResult } from "./mocha-runner.ts";

const root = path.resolve(import.meta.dirname, "../../..");

export interface HostRun {
  /** Suite file below `test/vscode/suite/`, without `.ts`. It uses Mocha's `suite` and `test`. */
  readonly suite: string;
  /** The folder that the window opens. */
  readonly folder: string;
  /** HOME of the extension host; the engine writes below it. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly extension?: string;
}

/**
 * Runs a suite in a real extension host and reports each of its tests as a test of this run.
 *
 * `prepare` makes the folder to open and the home; what it made is removed by `cleanUp`.
 */
export function hostSuite(name: string, prepare: () => HostRun | Promise<HostRun>): void {
  describe(name, async () => {
    // Vitest has to know the tests before it runs them, so the host runs while they are collected.
    const { results, output } = await runInHost(await prepare());
    test("the host ran the suite to its end", () => {
      expect(results.length, output).toBeGreaterThan(0);
    });
    for (const { title, failure } of results) {
      test(title, () => {
        if (failure !== undefined) throw new Error(failure);
      });
    }
  });
}

interface Outcome {
  readonly results: readonly HostResult[];
  /** The end of what the host wrote, for the message when it ran no test. */
  readonly output: string;
}

/** Runs a suite through @vscode/test-electron; no results mean that the host did not get there. */
async function runInHost(run: HostRun): Promise<Outcome> {
  const paths = await ensureHost();
  const tests = await bundleSuite(run.suite);
  const resultFile = tests.replace(/\.cjs$/, ".json");
  rmSync(resultFile, { force: true });
  const log: string[] = [];
  try {
    await runTests({
      vscodeExecutablePath: path.join(import.meta.dirname, "launcher.ts"),
      extensionDevelopmentPath: run.extension ?? root,
      extensionTestsPath: tests,
      launchArgs: [run.folder],
      // Its own profile folders would land in the checkout; the launcher makes scratch ones.
      reuseMachineInstall: true,
      stdout: collect(log),
      stderr: collect(log),
      extensionTestsEnv: {
        ...hermeticEnv(run.home),
        ...run.env,
        OT_HOST_PATHS: JSON.stringify(paths),
        OT_HOST_RESULTS: resultFile,
      },
    });
  } catch (error) {
    log.push(`${String(error)}\n`);
  }
  const output = log.join("");
  const logFile = path.join(root, "artifacts/host", `${run.suite}.log`);
  mkdirSync(path.dirname(logFile), { recursive: true });
  writeFileSync(logFile, output);
  return { results: readResults(resultFile), output: output.slice(-4000) };
}

function collect(into: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      into.push(chunk.toString());
      done();
    },
  });
}

// Below the checkout, so that `mocha` is found from there.
async function bundleSuite(suite: string): Promise<string> {
  const outfile = path.join(root, "dist/test", `${suite}.cjs`);
  const contents = `
    import { runMocha } from "./host/mocha-runner.ts";
    export const run = () => runMocha(() => import("./suite/${suite}.ts"));`;
  await build({
    stdin: { contents, resolveDir: path.join(root, "test/vscode"), loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    sourcemap: "inline",
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  return outfile;
}

function readResults(file: string): readonly HostResult[] {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The host ended before its tests did; the log says why.
    return [];
  }
}
