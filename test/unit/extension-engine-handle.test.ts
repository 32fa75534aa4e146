import { beforeEach, expect, test, vi } from "vitest";

import type { Engine, OpenOptions } from "../../capture/api.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { EngineHandle } from "../../extension/base/engine-handle.ts";

interface Start {
  readonly options: OpenOptions;
  succeed(): Engine;
  fail(error: Error): void;
}

const starts: Start[] = [];

vi.mock("vscode", () => {
  class EventEmitter {
    readonly #listeners = new Set<(value: unknown) => void>();
    readonly event = (listener: (value: unknown) => void) => {
      this.#listeners.add(listener);
      return { dispose: () => this.#listeners.delete(listener) };
    };
    fire(value: unknown): void {
      for (const listener of this.#listeners) listener(value);
    }
    dispose(): void {
      this.#listeners.clear();
    }
  }
  const workspace = {
    getConfiguration: () => ({ get: () => undefined }),
    onDidChangeConfiguration: () => ({ dispose: () => undefined }),
  };
  return { EventEmitter, workspace };
});

vi.mock("../../extension/load-late.ts", () => ({
  loadLate: async () => ({
    openEngine: (options: OpenOptions) =>
      new Promise<Engine>((resolve, reject) => {
        starts.push({
          options,
          succeed: () => {
            const engine = fakeEngine();
            resolve(engine);
            return engine;
          },
          fail: reject,
        });
      }),
  }),
}));

function fakeEngine(): Engine {
  const nothing = { [Symbol.dispose]: () => undefined };
  const engine = {
    onDidChange: () => nothing,
    onDidChangeState: () => nothing,
    close: async () => undefined,
  };
  // Safe: the handle calls nothing else.
  return engine as unknown as Engine;
}

async function nthStart(count: number): Promise<Start> {
  await expect.poll(() => starts.length).toBe(count);
  const start = starts[count - 1];
  if (start === undefined) throw new Error("no start");
  return start;
}

beforeEach(() => void starts.splice(0));

test("an engine that is lost while it starts is a failed start, and is told once", async () => {
  const handle = new EngineHandle(silentLogger, "/engine.cjs");
  const asked = handle.get();
  const start = await nthStart(1);
  expect(() => start.options.onLost?.()).not.toThrow();
  start.succeed();
  await expect(asked).rejects.toThrow("went away while it was starting");
  expect(handle.isFailed).toBe(true);
  handle.dispose();
});

test("the late failure of a start that was given up leaves a newer connection be", async () => {
  const handle = new EngineHandle(silentLogger, "/engine.cjs");
  const first = handle.get();
  const refused = expect(first).rejects.toThrow("too late");
  const old = await nthStart(1);
  handle.restart();
  const second = handle.get();
  const newer = await nthStart(2);
  const engine = newer.succeed();
  expect(await second).toBe(engine);
  old.fail(new Error("too late"));
  await refused;
  expect(handle.isFailed).toBe(false);
  expect(await handle.get()).toBe(engine);
  old.options.onLost?.();
  expect(await handle.get()).toBe(engine);
  expect(starts).toHaveLength(2);
  handle.dispose();
});
