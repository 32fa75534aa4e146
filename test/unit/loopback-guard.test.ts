import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import dns, { lookup, resolve4, Resolver } from "node:dns";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";

import { expect, test } from "vitest";

import { cleanEnv, run } from "../../capture/base/process.ts";
import { quietOp } from "../../capture/base/op.ts";
import { isLoopback } from "../support/loopback-guard.mjs";

test.each(["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "localhost", undefined])(
  "%s is this machine",
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(["example.org", "10.0.0.1", "128.0.0.1", "127.0.0.1.example.org", "::2"])(
  "%s is another machine",
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

test("a test that reaches for another machine fails before a packet leaves", async () => {
  expect(() => connect(80, "192.0.2.1")).toThrow("only loopback is open");
  expect(() => connect({ host: "example.org", port: 443 })).toThrow("only loopback is open");
  await expect(fetch("http://192.0.2.1/")).rejects.toThrow();
});

test("a server that others could reach does not come up", () => {
  for (const start of [
    () => createServer().listen(0),
    () => createServer().listen({ port: 0 }),
    () => createServer().listen(0, "0.0.0.0"),
    () => createServer().listen({ port: 0, host: "::" }),
  ]) {
    expect(start).toThrow("only loopback is open");
  }
});

test("a datagram to another machine, or a port for everybody's, is refused", () => {
  const socket = createSocket("udp4");
  expect(() => socket.send("x", 53, "192.0.2.1")).toThrow("only loopback is open");
  expect(() => socket.connect(53, "192.0.2.1")).toThrow("only loopback is open");
  expect(() => socket.bind(0)).toThrow("only loopback is open");
  socket.close();
});

test("no name is asked of a server elsewhere", async () => {
  const refusal = "only loopback is open";
  expect(() => lookup("example.org", () => undefined)).toThrow(refusal);
  expect(() => resolve4("example.org", () => undefined)).toThrow(refusal);
  expect(() => new Resolver().resolve("example.org", () => undefined)).toThrow(refusal);
  expect(() => dns.promises.lookup("example.org")).toThrow(refusal);
  expect(() => new dns.promises.Resolver().resolveTxt("example.org")).toThrow(refusal);
  expect(await dns.promises.lookup("127.0.0.1")).toMatchObject({ address: "127.0.0.1" });
});

test("a server on loopback can be reached", async () => {
  const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const [greeting] = await once(connect(port, "127.0.0.1"), "data");
  expect(String(greeting)).toBe("hello");
  server.close();
});

const violation = 'require("node:net").connect(80, "192.0.2.1")';
const refused = /only loopback is open/;

test("a process that a test starts is held to it, whatever environment it is given", async () => {
  const env = { PATH: process.env["PATH"] };
  const args = ["-e", violation];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  expect(await once(child, "close")).toEqual([1, null]);
  expect(Buffer.concat(said).toString()).toMatch(refused);

  expect(spawnSync(process.execPath, args, { env, encoding: "utf8" }).stderr).toMatch(refused);
  expect(() => execFileSync(process.execPath, args, { stdio: "pipe" })).toThrow(refused);
});

test("so is a thread, here and in a process that a test starts", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "ot-guard-"));
  try {
    const file = path.join(dir, "thread.cjs");
    writeFileSync(file, violation);
    const [error] = await once(new Worker(file), "error");
    expect(String(error)).toMatch(refused);

    const start = `new (require("node:worker_threads").Worker)(${JSON.stringify(file)});`;
    const child = spawnSync(process.execPath, ["-e", start], { encoding: "utf8" });
    expect(child.stderr).toMatch(refused);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("so is what the product itself starts, and what that starts in turn", async () => {
  const first = await run(quietOp(), {
    command: process.execPath,
    args: ["-e", violation],
    env: cleanEnv(),
  });
  expect(first).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(refused) });

  const below = `const { status, stderr } = require("node:child_process").spawnSync(
    process.execPath, ["-e", ${JSON.stringify(violation)}], { env: {} });
    process.stderr.write(stderr); process.exit(status + 40);`;
  const second = await run(quietOp(), {
    command: process.execPath,
    args: ["-e", below],
    env: cleanEnv(),
  });
  expect(second).toMatchObject({ exitCode: 41, stderr: expect.stringMatching(refused) });
});
