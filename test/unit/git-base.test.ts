import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { atomicWrite, systemFault } from "../../capture/base/atomic-write.ts";
import { lockFile } from "../../capture/base/file-lock.ts";
import { quietOp } from "../../capture/base/op.ts";
import { cleanEnv, run, startChild } from "../../capture/base/process.ts";

const op = quietOp();
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), "ot-base-"));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

const node = (script: string, more: Partial<Parameters<typeof run>[1]> = {}) =>
  run(op, { command: process.execPath, args: ["-e", script], env: cleanEnv(), ...more });

describe("running a program", () => {
  test("gives its output, its errors and its exit code; a non-zero one is an answer", async () => {
    const result = await node(
      "process.stdin.pipe(process.stdout); console.error('why'); process.exitCode = 3",
      { stdin: "in" },
    );
    expect(result).toMatchObject({ exitCode: 3, stderr: "why\n" });
    expect(result.stdout.toString()).toBe("in");
  });

  test("it sees only the environment it is given", async () => {
    process.env["GIT_DIR"] = "/nowhere";
    const { stdout } = await node("process.stdout.write(String(process.env.GIT_DIR))");
    delete process.env["GIT_DIR"];
    expect(stdout.toString()).toBe("undefined");
  });

  test("more output than allowed ends it", async () => {
    const endless = `
      const block = 'x'.repeat(65536);
      const go = () => {
        while (process.stdout.write(block));
        process.stdout.once('drain', go);
      };
      go();`;
    await expect(node(endless, { outputBytesMax: 100_000 })).rejects.toMatchObject({
      code: "limit-exceeded",
    });
  });

  test("more time than allowed ends it, and so does cancelling", async () => {
    const forever = "setInterval(() => {}, 1000)";
    await expect(node(forever, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "limit-exceeded",
    });
    const controller = new AbortController();
    const running = run(
      { ...op, signal: controller.signal },
      { command: process.execPath, args: ["-e", forever], env: cleanEnv() },
    );
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a missing program and a missing folder are told apart", async () => {
    await expect(
      run(op, { command: "no-such-program-here", args: [], env: cleanEnv() }),
    ).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("PATH"),
    });
    await expect(node("", { cwd: "/no/such/folder" })).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining("/no/such/folder"),
    });
  });

  test("a long-lived child answers over its pipes until it is disposed of", async () => {
    const child = startChild({ command: "cat", args: [], env: cleanEnv() });
    const first = new Promise<string>((resolve) =>
      child.onStdout((chunk) => resolve(chunk.toString())),
    );
    await child.write("hello\n");
    expect(await first).toBe("hello\n");
    child[Symbol.dispose]();
    await child.exited;
    await child.write("nobody is there\n");
  });
});

describe("a lock", () => {
  test("keeps others out until it is let go", async () => {
    const file = path.join(folder(), "deep", "lock");
    const lock = await lockFile(op, file);
    await expect(lockFile(op, file, { waitMs: 20 })).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    const waiting = lockFile(op, file, { waitMs: 5_000 });
    await lock[Symbol.asyncDispose]();
    await using _ = await waiting;
    expect(existsSync(file)).toBe(true);
  });

  test.each([
    [
      "of a process that is gone",
      () => ({ pid: deadPid(), host: os.hostname(), started: "", token: "x" }),
    ],
    [
      "of another process under the same number",
      () => ({ pid: process.pid, host: os.hostname(), started: "1", token: "x" }),
    ],
  ])("%s is taken over", async (_, holder) => {
    const file = path.join(folder(), "lock");
    writeFileSync(file, JSON.stringify(holder()));
    await using _lock = await lockFile(op, file, { waitMs: 0 });
    expect(readFileSync(file, "utf8")).toContain(`"pid":${process.pid}`);
    expect(readdirSync(path.dirname(file))).toEqual(["lock"]);
  });

  test("of another host is respected; an empty one only while it is young", async () => {
    const file = path.join(folder(), "lock");
    writeFileSync(
      file,
      JSON.stringify({ pid: deadPid(), host: "elsewhere", started: "", token: "x" }),
    );
    await expect(lockFile(op, file, { waitMs: 0 })).rejects.toMatchObject({ code: "busy" });
    writeFileSync(file, "");
    await expect(lockFile(op, file, { waitMs: 0 })).rejects.toMatchObject({ code: "busy" });
    utimesSync(file, new Date(0), new Date(0));
    await using _ = await lockFile(op, file, { waitMs: 0 });
  });

  test("is left alone by who found an older one stale, and a breaker may die at it", async () => {
    const file = path.join(folder(), "lock");
    const dead = { pid: deadPid(), host: os.hostname(), started: "", token: "x" };
    writeFileSync(file, JSON.stringify(dead));
    // Died after it had the right to remove the lock, before it did.
    writeFileSync(`${file}.stale-x`, JSON.stringify({ ...dead, token: "y" }));
    const first = await lockFile(op, file, { waitMs: 0 });
    expect(first.isHeld()).toBe(true);
    expect(readdirSync(path.dirname(file))).toEqual(["lock"]);
    // A living breaker of the same dead lock: the next waits for it, and removes nothing.
    await first[Symbol.asyncDispose]();
    writeFileSync(file, JSON.stringify(dead));
    const breaker = await lockFile(op, `${file}.stale-x`);
    await expect(lockFile(op, file, { waitMs: 20 })).rejects.toMatchObject({ code: "busy" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(dead);
    await breaker[Symbol.asyncDispose]();
    await using second = await lockFile(op, file, { waitMs: 0 });
    expect(second.isHeld()).toBe(true);
    expect(first.isHeld()).toBe(false);
  });

  test("of a dead process goes to exactly one of many who wait", async () => {
    const file = path.join(folder(), "lock");
    writeFileSync(
      file,
      JSON.stringify({ pid: deadPid(), host: os.hostname(), started: "", token: "x" }),
    );
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await using _ = await lockFile(op, file);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      }),
    );
    expect(most).toBe(1);
    expect(existsSync(file)).toBe(false);
  });
});

describe("replacing a file", () => {
  test("keeps its mode and leaves nothing beside it", async () => {
    const dir = folder();
    const file = path.join(dir, "settings.json");
    writeFileSync(file, "old");
    chmodSync(file, 0o640);
    await atomicWrite(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(["settings.json"]);
    await atomicWrite(path.join(dir, "fresh"), "x");
    expect(statSync(path.join(dir, "fresh")).mode & 0o777).toBe(0o600);
  });

  test("writes through a link, even one that leads nowhere, unless told to replace", async () => {
    const dir = folder();
    symlinkSync("target", path.join(dir, "link"));
    await atomicWrite(path.join(dir, "link"), "one");
    await atomicWrite(path.join(dir, "link"), "two");
    expect([
      readlinkSync(path.join(dir, "link")),
      readFileSync(path.join(dir, "target"), "utf8"),
    ]).toEqual(["target", "two"]);
    await atomicWrite(path.join(dir, "link"), "three", { followLink: false });
    expect([
      lstatSync(path.join(dir, "link")).isFile(),
      readFileSync(path.join(dir, "target"), "utf8"),
    ]).toEqual([true, "two"]);
  });

  test("without room or permission it says so, and the old file is whole", async () => {
    expect(systemFault(Object.assign(new Error("x"), { code: "ENOSPC" }), "f")).toMatchObject({
      code: "disk-full",
    });
    expect(systemFault(Object.assign(new Error("x"), { code: "EROFS" }), "f")).toMatchObject({
      code: "home-read-only",
    });
    await expect(atomicWrite("/proc/version", "x")).rejects.toThrow();
    // A device that is always full stands in for a full disk where there is one.
    if (existsSync("/dev/full")) {
      const { open } = await import("node:fs/promises");
      await using full = await open("/dev/full", "w");
      await expect(
        full.writeFile("x").catch((error: unknown) => Promise.reject(systemFault(error, "f"))),
      ).rejects.toMatchObject({ code: "disk-full" });
    }
  });
});

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}
