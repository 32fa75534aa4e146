import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { placeFixture, writeNative } from "../support/fixture.mjs";
import { ensureHost } from "../support/host.mjs";
import { startBrowser } from "./host/browser.ts";
import { hermeticEnv } from "./host/code-server.ts";
import { openContainer, screenshot, webviewFrame } from "./host/workbench.ts";

const root = path.resolve(import.meta.dirname, "../..");
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';

let scratch = "";
let repository = "";
let env: Record<string, string> = {};
beforeEach(() => {
  scratch = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-start-")));
  const { fixture, configFolder, repository: shop } = placeFixture("simple-fix", scratch);
  writeNative(fixture, configFolder);
  repository = shop;
  const home = path.join(scratch, "home");
  env = {
    ...hermeticEnv(home),
    CLAUDE_CONFIG_DIR: configFolder,
    // The tools that are installed already.
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"),
  };
});
afterEach(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

/** `npm start -- FOLDER`, where there is no desktop. */
function start(folder: string, more: Readonly<Record<string, string>> = {}) {
  const script = path.join(root, "test/support/start.mjs");
  const child = spawn(process.execPath, [script, folder], { env: { ...env, ...more } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (said.out += String(chunk)));
  child.stderr.on("data", (chunk) => (said.err += String(chunk)));
  return { child, said };
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

test("npm start on a folder opens it with the sessions that took place there", async () => {
  const { child, said } = start(repository);
  const browser = await startBrowser(await ensureHost());
  try {
    await expect.poll(() => said.out, { timeout: 90_000 }).toMatch(/^http:\/\/127\.0\.0\.1:/u);
    expect(said.err).toContain("1 session is in the bucket.");
    const page = await browser.newPage();
    await page.goto(said.out.trim());
    await openContainer(page, "opentraces");
    const timeline = await webviewFrame(page, ".card");
    expect(await timeline.locator(".card").first().innerText()).toContain(prompt);
    await screenshot(page, "start-folder");
    child.kill("SIGINT");
    expect(await exitOf(child)).toBe(0);
    const left = readdirSync(env["TMPDIR"] ?? "");
    expect(left.filter((name) => name.startsWith("opentraces-start-"))).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    await browser.close();
  }
});

test("npm start says where it cannot keep what it records", async () => {
  const file = path.join(scratch, "file");
  writeFileSync(file, "");
  const { child, said } = start(repository, { OPENTRACES_HOME: path.join(file, "home") });
  expect(await exitOf(child)).toBe(1);
  expect(said.err).toMatch(/\n[^\n]*\/file\/home[^\n]*\.\n$/u);
  expect(said.err).not.toMatch(/^ +at /mu);
});

test("npm start says that the disk is full", async () => {
  const full = path.join(scratch, "full.mjs");
  mkdirSync(path.join(scratch, "home"), { recursive: true });
  writeFileSync(full, fullDisk);
  const { child, said } = start(repository, { NODE_OPTIONS: `--import=${full}` });
  expect(await exitOf(child)).toBe(1);
  const sentence = "The disk is full; free some space in the temporary folder and run again.";
  expect(said.err.trim().split("\n").at(-1)).toBe(sentence);
});

/** No folder can be made in the temporary folder any more. */
const fullDisk = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const make = fs.mkdtempSync;
fs.mkdtempSync = (prefix, ...rest) => {
  if (!prefix.includes("opentraces-start-")) return make(prefix, ...rest);
  throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
};
syncBuiltinESMExports();
`;
