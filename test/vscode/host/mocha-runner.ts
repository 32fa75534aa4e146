// Runs inside the extension host: bundled with one suite by `run-in-host.ts`.
import { writeFileSync } from "node:fs";

import Mocha from "mocha";

export interface HostResult {
  /** The titles of the suites and of the test, joined by blanks. */
  readonly title: string;
  /** Message and stack; absent when the test passed. */
  readonly failure?: string;
}

const testMsMax = 30_000;

/**
 * Loads a suite that uses Mocha's `suite` and `test`, runs it, and writes what came out to the
 * file named by `OT_HOST_RESULTS`. Rejects when a test failed, so that the host ends with 1.
 */
export async function runMocha(load: () => Promise<unknown>): Promise<void> {
  const mocha = new Mocha({ ui: "tdd", timeout: testMsMax, forbidOnly: true, forbidPending: true });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  await load();
  const results: HostResult[] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", (test) => results.push({ title: test.fullTitle() }));
    runner.on("fail", (test, error: Error) => {
      results.push({ title: test.fullTitle(), failure: error.stack ?? error.message });
    });
  });
  writeFileSync(process.env["OT_HOST_RESULTS"] ?? "", JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
