import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { homeAt } from "../../capture/base/home.ts";
import { enginePlace } from "../../capture/engine/place.ts";
import { compareVersions } from "../../capture/engine/wire.ts";
import { buildEngine, type EngineBundle } from "../support/engine-bundle.ts";
import { EngineLab, stderrOf, until } from "../support/engine-lab.ts";

let bundle: EngineBundle;
beforeAll(async () => {
  bundle = await buildEngine();
});
afterAll(() => bundle[Symbol.dispose]());

describe("the engine process", { timeout: 60_000 }, () => {
  test("five that start at once elect one, and the others leave", async () => {
    await using lab = new EngineLab(bundle.entry);
    const children = Array.from({ length: 5 }, () => lab.start());
    const logs = children.map((child) => stderrOf(child));
    const exits = children.map((child) => once(child, "exit"));
    const four = await Promise.race([
      until(() => children.filter(({ exitCode }) => exitCode === 0).length === 4),
      new Promise((_, reject) => setTimeout(reject, 40_000, new Error("no election"))),
    ]);
    expect(four).toBeUndefined();
    const winner = children.find(({ exitCode }) => exitCode === null);
    expect(winner).toBeDefined();
    const engine = await lab.connect();
    expect((await engine.listTraces(quietOp(), { limit: 1 })).traces).toEqual([]);
    await engine.close();
    winner?.kill("SIGTERM");
    await Promise.all(exits);
    const started = (await Promise.all(logs)).filter((log) => log.includes("engine.started"));
    expect(started).toHaveLength(1);
    expect(existsSync(lab.place.address)).toBe(false);
  });

  test("five clients at once get one engine between them", async () => {
    await using lab = new EngineLab(bundle.entry);
    const engines = await Promise.all(Array.from({ length: 5 }, () => lab.connect()));
    const answers = engines.map((engine) => engine.listTraces(quietOp(), { limit: 1 }));
    expect(await Promise.all(answers)).toHaveLength(5);
    expect(lab.startedPids()).toHaveLength(1);
    expect(statSync(lab.home.engineDir).mode & 0o777).toBe(0o700);
  });

  test("after kill -9 the client hears of it, and the next one gets a new engine", async () => {
    await using lab = new EngineLab(bundle.entry);
    let losses = 0;
    const first = await lab.connect({ onLost: () => (losses += 1) });
    const [pid = 0] = lab.startedPids();
    process.kill(pid, "SIGKILL");
    await until(() => losses === 1);
    await expect(first.listTraces(quietOp(), { limit: 1 })).rejects.toMatchObject({
      code: "engine-unreachable",
    });
    expect(existsSync(lab.place.address)).toBe(true);
    const second = await lab.connect();
    expect((await second.listTraces(quietOp(), { limit: 1 })).more).toBe(false);
    expect(lab.startedPids()).toHaveLength(2);
  });

  test("it leaves some time after its last client, and takes its socket along", async () => {
    await using lab = new EngineLab(bundle.entry);
    const child = lab.start("--idle-ms", "300");
    const log = stderrOf(child);
    const exit = once(child, "exit");
    await until(() => existsSync(lab.place.address));
    const engine = await lab.connect();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(child.exitCode).toBe(null);
    await engine.close();
    expect((await exit)[0]).toBe(0);
    expect(await log).toContain('"why":"no client"');
    expect(existsSync(lab.place.address)).toBe(false);
    expect(existsSync(path.join(lab.home.spoolDir, ".heartbeat"))).toBe(false);
  });

  test("an older engine makes way for a newer client", async () => {
    await using lab = new EngineLab(bundle.entry);
    const old = lab.startAs("0.0.9");
    const log = stderrOf(old);
    await until(() => existsSync(lab.place.address));
    const engine = await lab.connect();
    expect((await engine.listTraces(quietOp(), { limit: 1 })).traces).toEqual([]);
    expect(await log).toContain('"why":"newer client"');
    expect(lab.startedPids()).toHaveLength(1);
  });

  test("a newer engine serves an older client that speaks its protocol", async () => {
    await using lab = new EngineLab(bundle.entry);
    lab.startAs("9.0.0");
    await until(() => existsSync(lab.place.address));
    const engine = await lab.connect();
    expect((await engine.listTraces(quietOp(), { limit: 1 })).traces).toEqual([]);
    expect(lab.startedPids()).toEqual([]);
  });

  test("one of another protocol is refused with words", async () => {
    await using lab = new EngineLab(bundle.entry);
    mkdirSync(lab.home.engineDir, { recursive: true });
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write('{"type":"welcome","protocol":99,"version":"7.0.0","pid":1}\n');
    }).listen(lab.place.address);
    await once(server, "listening");
    await expect(lab.connect()).rejects.toMatchObject({
      code: "version-mismatch",
      message: expect.stringContaining("7.0.0"),
    });
    server.close();
  });

  test("a socket file that nobody listens on is no obstacle", async () => {
    await using lab = new EngineLab(bundle.entry);
    mkdirSync(lab.home.engineDir, { recursive: true });
    const leave =
      'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))';
    spawnSync(process.execPath, ["-e", leave, lab.place.address]);
    expect(existsSync(lab.place.address)).toBe(true);
    const engine = await lab.connect();
    expect((await engine.listTraces(quietOp(), { limit: 1 })).more).toBe(false);
  });

  test("nonsense on the socket ends that connection and nothing else", async () => {
    await using lab = new EngineLab(bundle.entry);
    const engine = await lab.connect();
    for (const nonsense of [
      "GET / HTTP/1.1\r\n\r\n",
      "{}\n",
      "[1]\n",
      '{"type":"hello"\n',
      "\0\n",
    ]) {
      const socket = connect(lab.place.address);
      socket.on("error", () => undefined);
      socket.write(nonsense);
      await once(socket, "close");
    }
    expect((await engine.listTraces(quietOp(), { limit: 1 })).more).toBe(false);
  });

  test("an engine that cannot start says why", async () => {
    await using lab = new EngineLab(bundle.entry);
    const broken = path.join(lab.dir, "broken.cjs");
    writeFileSync(broken, 'console.error("no such thing"); process.exit(3);');
    await expect(lab.connect({ entry: broken })).rejects.toMatchObject({
      code: "engine-unreachable",
      hint: expect.stringContaining("no such thing"),
    });
  });

  test("a home that cannot be made is an error with a hint", async () => {
    await using lab = new EngineLab(bundle.entry);
    const file = path.join(lab.dir, "file");
    writeFileSync(file, "");
    await expect(lab.connect({ home: path.join(file, "home") })).rejects.toThrow();
  });
});

test("a home with a long path has its socket elsewhere", () => {
  const long = enginePlace(homeAt(`/${"x".repeat(120)}`));
  expect(Buffer.byteLength(long.address)).toBeLessThan(104);
  expect(enginePlace(homeAt("/home/ada/.opentraces")).address).toBe(
    "/home/ada/.opentraces/engine/sock",
  );
});

test("versions compare by their numbers", () => {
  expect(compareVersions("0.10.0", "0.9.9")).toBeGreaterThan(0);
  expect(compareVersions("0.1.0", "0.1.0-beta")).toBe(0);
  expect(compareVersions("0.1.0", "1.0.0")).toBeLessThan(0);
});
