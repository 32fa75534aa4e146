import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { placeFixture, writeNative } from "../support/fixture.mjs";

// What only a real process shows: broken pipes, signals, standard input, the exit code.

const main = path.resolve(import.meta.dirname, "../../capture/cli/main.ts");
const slowMs = 60_000;

let root = "";
let cwd = "";
let env: NodeJS.ProcessEnv = {};

beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-cli-process-")));
  const { fixture, repository, configFolder } = placeFixture("simple-fix", root);
  writeNative(fixture, configFolder);
  mkdirSync(path.join(root, "home/tmp"), { recursive: true });
  cwd = repository;
  env = {
    PATH: process.env["PATH"],
    HOME: path.join(root, "home"),
    TMPDIR: path.join(root, "home/tmp"),
    OPENTRACES_HOME: path.join(root, "home/.opentraces"),
    CLAUDE_CONFIG_DIR: configFolder,
  };
  execFileSync(process.execPath, [main, "import"], { cwd, env });
}, slowMs);
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<Ended>;
}

function start(words: readonly string[], change: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [main, ...words], { cwd, env: { ...env, ...change } });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
  return { child, said: () => out + err, ended };
}

function shell(script: string): string {
  const ot = `'${process.execPath}' '${main}'`;
  const all = `ot() { ${ot} "$@"; }\n${script}`;
  return execFileSync("bash", ["-c", all], { cwd, env, stdio: "pipe" }).toString("utf8");
}

test(
  "a reader that goes away ends the program quietly and with 0",
  () => {
    const script = `set -o pipefail
    { ot trace show 111111 --jsonl; echo "exit $?" >&2; } 2>"$TMPDIR/err" | head -1 | cut -c1-10
    cat "$TMPDIR/err"`;
    expect(shell(script)).toBe('{"key":"c8\nexit 0\n');
    expect(shell("ot trace list | head -1")).toMatch(/^SESSION .+\n$/u);
  },
  slowMs,
);

test(
  "in a folder that was removed a verb ends with a sentence, and help is given",
  () => {
    const script = `mkdir "$TMPDIR/gone"; cd "$TMPDIR/gone"; rmdir "$TMPDIR/gone"
    { ot status; echo "exit $?"; } 2>&1; ot --version`;
    expect(shell(script)).toMatch(
      /^ot: The folder that you are in is gone\. Go to another one first\.\nexit 4\n\d/u,
    );
  },
  slowMs,
);

test(
  "an output that is full is said, not thrown",
  () => {
    // Only Linux has a device that is always full.
    if (!existsSync("/dev/full")) return;
    const script = `ot trace list > /dev/full; echo "exit $?"`;
    expect(shell(`{ ${script}; } 2>&1`)).toMatch(
      /^ot: The output could not be written: .+\nexit 1\n$/u,
    );
  },
  slowMs,
);

test.each(["SIGTERM", "SIGINT"] as const)(
  "ot capture says when it is live, and %s ends it with 0",
  async (signal) => {
    const { child, said, ended } = start(["capture"]);
    await new Promise<void>((resolve, reject) => {
      child.once("close", () => reject(new Error(said())));
      child.stderr?.on("data", () => {
        if (/Capturing/u.test(said())) resolve();
      });
    });
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, out: "Stopped.\n" });
  },
  slowMs,
);

test(
  "ot capture --json ends with one answer in the shape of an import, and the spool",
  async () => {
    const { child, said, ended } = start(["capture", "--json"]);
    await new Promise<void>((resolve, reject) => {
      child.once("close", () => reject(new Error(said())));
      child.stderr?.on("data", () => {
        if (/Capturing/u.test(said())) resolve();
      });
    });
    child.kill("SIGTERM");
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: "opentraces.capture.v1",
      status: "ok",
      sessions: [],
      issues: [],
      totals: { sessions: 0, steps: 0 },
      spool: { events: 0, bad: 0 },
    });
  },
  slowMs,
);

test(
  "ot hook prints nothing, leaves its payload in the spool, and exits with 0",
  async () => {
    execFileSync(process.execPath, [main, "capture", "resume"], { cwd, env });
    const { child, ended } = start(["hook", "claude-code", "Stop"]);
    child.stdin?.end(JSON.stringify({ session_id: "11111111-aaaa-4aaa-8aaa-000000000001", cwd }));
    expect(await ended).toEqual({ code: 0, out: "", err: "" });
    const spool = path.join(root, "home/.opentraces/spool");
    expect(readdirSync(spool).filter((name) => name.endsWith(".claude-code.json"))).toHaveLength(1);
  },
  slowMs,
);

test(
  "ot hook is as quiet, whatever it is given",
  async () => {
    const lines = ["hook", "hook --frob", "hook unknown-agent X", "hook claude-code Stop --json"];
    const runs = lines.map((line) => {
      const { child, ended } = start(line.split(" "));
      child.stdin?.end("{}");
      return ended;
    });
    for (const run of await Promise.all(runs)) expect(run).toEqual({ code: 0, out: "", err: "" });
  },
  slowMs,
);

test(
  "a home that cannot be made is one sentence, and no stack of the program",
  async () => {
    const file = path.join(root, "a-file");
    writeFileSync(file, "");
    const { ended } = start(["import"], { OPENTRACES_HOME: path.join(file, "x") });
    const { code, out, err } = await ended;
    expect(code).not.toBe(0);
    expect(out).toBe("");
    expect(err).toMatch(/^ot: [^\n]*a-file[^\n]+\.\n$/u);
  },
  slowMs,
);
