import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { Checkout } from "../support/checkout.ts";

const checkMsMax = 180_000;

/** The trail no longer tells what a session changed; everything else is as it was. */
function forgetChanges(dir: string): void {
  const file = path.join(dir, "capture/trail/path-changes.ts");
  const text = readFileSync(file, "utf8");
  const declaration = "export function planChanges<";
  expect(text).toContain(declaration);
  const stub = "export const planChanges = (): readonly never[] => [];\n";
  writeFileSync(file, text.replace(declaration, "function forgottenChanges<") + stub);
}

function run(cwd: string, args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd }, (error, _, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stderr });
    });
  });
}

test(
  "npm start -- --check fails where the trail is gone, and says what it missed",
  async () => {
    using checkout = new Checkout();
    checkout.linkPackages();
    forgetChanges(checkout.dir);
    const script = path.join(checkout.dir, "test/support/start.mjs");
    const pictures = path.join(checkout.dir, "pictures");
    const { code, stderr } = await run(checkout.dir, [script, "--check", pictures]);
    expect(stderr).toContain("Opening it in VS Code");
    expect(stderr).toContain("wrote this line");
    expect(code).toBe(1);
  },
  checkMsMax,
);
