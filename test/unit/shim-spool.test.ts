import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";

import { shellsOfThisMachine, ShimHome } from "../support/shim-home.ts";

const quiet = { exitCode: 0, printed: "" };

function recorded(): ShimHome {
  const shim = new ShimHome();
  shim.answer(shim.folder, "@on");
  return shim;
}

describe.each(shellsOfThisMachine)("the shim under %s", (...shell) => {
  test("keeps the payload byte for byte in a file of its own", () => {
    using shim = recorded();
    const payload = Buffer.from(
      '{"session_id":"s-1","x":"\\u0000 \u00e4 $HOME `id` %s \\\\n"}\r\n\n \0\xff',
      "latin1",
    );
    expect(shim.run(shell, { payload })).toEqual(quiet);
    expect(shim.payloads()).toEqual([payload]);
    const [name = ""] = shim.spooled();
    expect(name).toMatch(/^\d{19}-\d+\.claude-code\.json$/);
    expect(statSync(path.join(shim.home.spoolDir, name)).mode & 0o777).toBe(0o600);
  });

  test("keeps one without a newline, and one of 10 MB", () => {
    using shim = recorded();
    const large = `{"session_id":"s","x":"${"y".repeat(10_000_000)}"}`;
    expect(shim.run(shell, { payload: '{"a":1}' })).toEqual(quiet);
    expect(shim.run(shell, { payload: large })).toEqual(quiet);
    expect(shim.payloads().map(({ length }) => length)).toEqual([7, large.length]);
  });

  test("names sort as events came", () => {
    using shim = recorded();
    for (let n = 0; n < 12; n += 1) shim.run(shell, { payload: `{"n":${n}}` });
    expect(shim.payloads().map(String)).toEqual(Array.from({ length: 12 }, (_, n) => `{"n":${n}}`));
  });

  test("names sort as events came where the clock has seconds only", () => {
    using shim = recorded();
    const bin = path.join(shim.dir, "bin");
    mkdirSync(bin);
    writeFileSync(
      path.join(bin, "date"),
      "#!/bin/sh\ncase $1 in *N*) echo 1795534276N ;; *) echo 1795534276 ;; esac\n",
      { mode: 0o755 },
    );
    const env = { PATH: `${bin}:${process.env["PATH"]}` };
    for (let n = 0; n < 3; n += 1) shim.run(shell, { payload: `{"n":${n}}`, env });
    expect(shim.payloads().map(String)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
    expect(
      shim.spooled().every((name) => /^1795534276\d{9}-\d+\.claude-code\.json$/.test(name)),
    ).toBe(true);
  });

  test("leaves nothing for an empty payload, an unknown harness, or none", () => {
    using shim = recorded();
    expect(shim.run(shell, { payload: "" })).toEqual(quiet);
    expect(shim.run(shell, { args: ["../x"] })).toEqual(quiet);
    expect(shim.run(shell, { args: [] })).toEqual(quiet);
    expect(shim.spooled()).toEqual([]);
  });

  test("makes the spool if it is gone", () => {
    using shim = recorded();
    rmSync(shim.home.spoolDir, { recursive: true });
    expect(shim.run(shell)).toEqual(quiet);
    expect(shim.payloads()).toHaveLength(1);
  });

  test("is quiet where it cannot write", () => {
    using shim = recorded();
    chmodSync(shim.dir, 0o755);
    for (const folder of [shim.home.root, shim.home.spoolDir, shim.home.binDir])
      chmodSync(folder, 0o555);
    chmodSync(shim.home.shimFile, 0o555);
    const args = ["claude-code", "PreToolUse"];
    expect(shim.run(shell, { asNobody: true })).toEqual(quiet);
    expect(shim.run(shell, { asNobody: true, args })).toEqual(quiet);
    expect(shim.spooled()).toEqual([]);
  });

  test("leaves no half payload on a full disk", () => {
    using shim = recorded();
    // The file size limit stops `cat` as a full disk does.
    const [command = "sh", ...first] = shell;
    const limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "-", command, ...first];
    const payload = `{"x":"${"y".repeat(100_000)}"}`;
    expect(shim.run(limited, { payload })).toEqual(quiet);
    expect(shim.spooled()).toEqual([]);
  });

  test("is quiet without git, without HOME and in a folder that is gone", () => {
    using shim = recorded();
    const gone = path.join(shim.folder, "gone");
    mkdirSync(gone);
    const [command = "sh", ...first] = shell;
    const leaving = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "-", command, ...first];
    // The shell itself complains of the folder before it reads a line.
    expect(shim.run(leaving, { cwd: gone, args: ["claude-code", "PreToolUse"] }).exitCode).toBe(0);
    expect(existsSync(gone)).toBe(false);
    const bare = ["sh", "-c", 's=$(command -v "$0"); PATH=/nowhere; unset HOME; exec "$s" "$@"'];
    expect(shim.run([...bare, command, ...first])).toEqual(quiet);
  });

  test("at a boundary without an engine it says that there is no snapshot", () => {
    using shim = recorded();
    const args = ["claude-code", "PreToolUse"];
    shim.run(shell, { args });
    mkdirSync(path.join(shim.folder, ".git/opentraces"));
    writeFileSync(path.join(shim.folder, ".git/opentraces/config"), "");
    shim.run(shell, { args, payload: "{}" });
    const marks = shim.spooled().filter((name) => name.endsWith(".boundary"));
    const said = marks.map((name) => readFileSync(path.join(shim.home.spoolDir, name), "utf8"));
    expect(said).toEqual(["none no-snapshot\n", "none no-session\n"]);
    expect(shim.spooled().map((name) => name.replace(/^\d+-\d+/, ""))).toEqual([
      ".claude-code.boundary",
      ".claude-code.json",
      ".claude-code.boundary",
      ".claude-code.json",
    ]);
  });
});

test("the shim drops the oldest quarter of a spool that overflows", { timeout: 60_000 }, () => {
  using shim = recorded();
  const old = Array.from(
    { length: 20_001 },
    (_, n) => `${String(n).padStart(19, "0")}-1.claude-code.json`,
  );
  for (const name of old) writeFileSync(path.join(shim.home.spoolDir, name), "{}");
  // It looks at every 64th process id; the one after an idle child's is the next program's.
  const untilDropped =
    'n=0; until [ -e "$0/dropped" ] || [ $n -gt 9999 ]; do n=$((n+1)); (:) & wait; ' +
    'if [ $((($! + 1) % 64)) -eq 0 ]; then "$1" claude-code SubagentStop </dev/null; fi; done';
  const env = { PATH: process.env["PATH"] };
  spawnSync("sh", ["-c", untilDropped, shim.home.spoolDir, shim.home.shimFile], {
    cwd: shim.folder,
    env,
  });
  expect(Number(readFileSync(path.join(shim.home.spoolDir, "dropped"), "utf8"))).toBeGreaterThan(
    5_000,
  );
  expect(shim.spooled()).not.toContain(old[0]);
  expect(shim.spooled()).toContain(old.at(-1));
});

describe("with a live engine", () => {
  test("the shim waits until the boundary is taken, and no longer", async () => {
    using shim = recorded();
    writeFileSync(
      path.join(shim.home.spoolDir, ".heartbeat"),
      `${Math.floor(Date.now() / 1000)} ${process.pid}\n`,
    );
    mkdirSync(path.join(shim.home.spoolDir, "done"));
    const { exited } = shim.start(["claude-code", "PreToolUse"], '{"session_id":"s"}');
    const name = await shim.untilSpooled();
    const isWaiting = await Promise.race([
      exited.then(() => false),
      new Promise((r) => setTimeout(r, 40, true)),
    ]);
    expect(isWaiting).toBe(true);
    writeFileSync(path.join(shim.home.spoolDir, "done", name.replace(/\.json$/, "")), "");
    expect(await exited).toBe(0);
    expect(shim.spooled().filter((one) => one.endsWith(".boundary"))).toEqual([]);
  });

  test("the shim gives up after about a second", async () => {
    using shim = recorded();
    writeFileSync(
      path.join(shim.home.spoolDir, ".heartbeat"),
      `${Math.floor(Date.now() / 1000) + 2} ${process.pid}\n`,
    );
    const startMs = performance.now();
    const { exited } = shim.start(["claude-code", "PreToolUse"], '{"session_id":"s"}');
    expect(await exited).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  test.each([
    ["an old heartbeat", (pid: number) => `${Math.floor(Date.now() / 1000) - 60} ${pid}`],
    ["one of a process that is gone", () => `${Math.floor(Date.now() / 1000)} 4194999`],
    ["half a heartbeat", () => "17955"],
    ["words", () => "rm -rf"],
  ])("%s is nobody to wait for", (_, heartbeat) => {
    using shim = recorded();
    writeFileSync(path.join(shim.home.spoolDir, ".heartbeat"), heartbeat(process.pid));
    expect(shim.run(["sh"], { args: ["claude-code", "PreToolUse"] })).toEqual(quiet);
    expect(shim.spooled().some((name) => name.endsWith(".boundary"))).toBe(true);
  });
});
