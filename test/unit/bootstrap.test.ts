import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { Checkout } from "../support/checkout.ts";

// The two commands on machines that lack something: one sentence, exit code 1, no stack.

const root = path.resolve(import.meta.dirname, "../..");
const slowMs = 60_000;

let folder = "";
let bin = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-bootstrap-")));
  bin = path.join(folder, "bin");
  mkdirSync(bin);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command on the PATH of what is run, in place of any other of its name. */
function fake(name: string, script: string): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function linkCommand(name: string): void {
  const dirs = (process.env["PATH"] ?? "").split(path.delimiter);
  const found = dirs.map((dir) => path.join(dir, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${name} is not on PATH`);
  symlinkSync(realpathSync(found), path.join(bin, name));
}

interface Ended {
  readonly code: unknown;
  readonly said: string;
}

interface Place {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Node with nothing on PATH but `bin`. */
function node(args: readonly string[], { cwd = root, env = {} }: Place = {}): Promise<Ended> {
  const whole = { PATH: bin, HOME: folder, XDG_CACHE_HOME: path.join(folder, "cache"), ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: whole }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr });
    });
  });
}

/** Runs a few lines as a module that uses the scripts of `test/support`. */
function script(lines: string, place: Place = {}): Promise<Ended> {
  const cwd = place.cwd ?? root;
  const file = path.join(folder, "script.mjs");
  const support = path.join(cwd, "test/support");
  writeFileSync(
    file,
    `import { runMain } from ${JSON.stringify(`${support}/say.mjs`)};
const support = ${JSON.stringify(support)};
await runMain(async () => {
${lines}
});
`,
  );
  return node([file], place);
}

const bootstrapped = `
  const { bootstrap } = await import(support + "/bootstrap.mjs");
  await bootstrap(import.meta.url);
  console.log("ready");`;

test.each(["start.mjs", "test.mjs"])("%s says that git is missing", async (name) => {
  const { code, said } = await node([`test/support/${name}`]);
  expect(said).toBe("git is not on PATH; install git and run again.\n");
  expect(code).toBe(1);
});

test("a second run needs neither npm nor a network", async () => {
  linkCommand("git");
  const used = path.join(folder, "npm-was-run");
  fake("npm", `touch ${used}; exit 1`);
  expect(await script(bootstrapped)).toEqual({ code: 0, said: "ready\n" });
  expect(existsSync(used)).toBe(false);
  rmSync(path.join(bin, "npm"));
  expect(await script(bootstrapped)).toEqual({ code: 0, said: "ready\n" });
});

test("heavy tools that are in the cache are found there without npm", async () => {
  const place = path.join(folder, "cache/opentraces/tool-1.0.0");
  mkdirSync(place, { recursive: true });
  const { code, said } = await script(`
  const { installOnce } = await import(support + "/cache-folder.mjs");
  const about = { what: "The tool", needMiB: 1 };
  const fill = () => { throw new Error("filled again"); };
  console.log(await installOnce("tool-1.0.0", about, fill));`);
  expect({ code, said }).toEqual({ code: 0, said: `${place}\n` });
});

test.each([
  ["exit 127", "npm could not install the packages of package-lock.json"],
  [
    "echo 'npm error code ENOTFOUND' >&2; exit 1",
    "The npm registry cannot be reached, so there is no way to install the packages of",
  ],
  [
    "echo 'npm error ENOSPC: no space left on device' >&2; exit 1",
    "No space left on the disk to install the packages of package-lock.json.",
  ],
])(
  "a fresh clone on which npm fails (%s) says why",
  async (npm, sentence) => {
    linkCommand("git");
    using checkout = new Checkout();
    fake("npm", npm);
    const { code, said } = await script(bootstrapped, { cwd: checkout.dir });
    expect(said).toContain(sentence);
    expect(said).not.toMatch(/^ +at /m);
    expect(code).toBe(1);
  },
  slowMs,
);

test(
  "a fresh clone without npm says that it is missing",
  async () => {
    linkCommand("git");
    using checkout = new Checkout();
    // Beside Node's own program there is an npm as a rule; this Node stands alone.
    const alone = path.join(folder, "node");
    symlinkSync(process.execPath, alone);
    const { code, said } = await script(
      `process.execPath = ${JSON.stringify(alone)};${bootstrapped}`,
      { cwd: checkout.dir },
    );
    expect(said).toContain("npm is not on PATH; install Node.js with npm.\n");
    expect(code).toBe(1);
  },
  slowMs,
);

const install = (needMiB: number) => `
  const { installOnce } = await import(support + "/cache-folder.mjs");
  await installOnce("tool-1.0.0", { what: "The tool", needMiB: ${needMiB} }, async () => {});`;

test("too little space for a heavy tool is said before anything is fetched", async () => {
  const { code, said } = await script(install(1_000_000_000));
  expect(said).toMatch(
    /^The tool needs 1000000000 MiB in .+\/cache\/opentraces, and only \d+ MiB are free\.\n$/,
  );
  expect(code).toBe(1);
});

test("a cache folder that cannot be made, or not be written, is named", async () => {
  writeFileSync(path.join(folder, "file"), "");
  const beside = await script(install(0), { env: { XDG_CACHE_HOME: path.join(folder, "file") } });
  expect(beside.said).toMatch(
    /^The cache folder .+\/file\/opentraces cannot be made \(ENOTDIR\)\.\n$/,
  );
  expect(beside.code).toBe(1);

  // A folder that not even root can write to; only Linux has one everywhere.
  if (process.platform !== "linux") return;
  mkdirSync(path.join(folder, "cache"));
  symlinkSync("/proc/self", path.join(folder, "cache/opentraces"));
  const within = await script(install(0));
  expect(within.said).toMatch(/\nThe cache folder .+ cannot be written \([A-Z]+\)\.\n$/);
  expect(within.code).toBe(1);
});

test("a port that is taken, or none, is said at once", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const taken = await node(["test/support/start.mjs"], { env: { PORT: port } });
  server.close();
  expect(taken).toEqual({
    code: 1,
    said: `Port ${port} is taken; set PORT to another one, or leave it out.\n`,
  });
  expect(await node(["test/support/start.mjs"], { env: { PORT: "many" } })).toEqual({
    code: 1,
    said: "PORT is many, which is not a port; leave it out for any free one.\n",
  });
});

test("arguments that mean nothing are said, with those that do", async () => {
  linkCommand("git");
  const starts = [["--check"], ["--check", "a", "b"], ["one", "two"]];
  for (const args of starts) {
    const { code, said } = await node(["test/support/start.mjs", ...args]);
    expect(said).toMatch(
      /^npm start takes a folder, or --check and a folder\.\nnpm start +a sample/,
    );
    expect(code).toBe(1);
  }
  const missing = path.join(folder, "none");
  expect(await node(["test/support/start.mjs", missing])).toEqual({
    code: 1,
    said: `${missing} is not a folder; npm start opens a folder of yours.\n`,
  });
  const { code, said } = await node(["test/support/test.mjs", "everything"]);
  expect(said).toMatch(/^No check is called everything; there are format, lint, .+\.\n$/);
  expect(code).toBe(1);
});

test(
  "a build with an entry that is missing fails",
  async () => {
    using checkout = new Checkout();
    checkout.linkPackages();
    rmSync(path.join(checkout.dir, "capture/cli/engine-door.ts"));
    const { code, said } = await node(["test/support/build.mjs"], { cwd: checkout.dir });
    expect(said).toContain("capture/cli/engine-door.ts");
    expect(code).toBe(1);
  },
  slowMs,
);
