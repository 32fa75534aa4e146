import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { joinEngine } from "../../capture/engine/client.ts";
import { enginePlace } from "../../capture/engine/place.ts";

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-greet-")));
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("an engine gone before it greets is nobody's loss, and the next one is found", async () => {
  const home = homeAt(path.join(folder, "home"));
  mkdirSync(home.engineDir, { recursive: true });
  let connections = 0;
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    connections += 1;
    if (connections === 1) return socket.once("data", () => socket.destroy());
    socket.write('{"type":"welcome","protocol":1,"version":"1.0.0","pid":7}\n');
    return setTimeout(() => socket.destroy(), 50);
  }).listen(enginePlace(home).address);
  await once(server, "listening");

  let losses = 0;
  const onLost = (): void => void (losses += 1);
  expect(await joinEngine(home, onLost)).toBe(null);
  expect(losses).toBe(0);
  const engine = await joinEngine(home, onLost);
  expect(engine?.peer).toEqual({ version: "1.0.0", pid: 7 });
  await expect.poll(() => losses).toBe(1);
});
