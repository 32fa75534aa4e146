import { describe, expect, test } from "vitest";

import { debounce } from "../../extension/base/debounce.ts";
import { DisposableStore } from "../../extension/base/disposable-store.ts";
import { FolderChoice } from "../../extension/base/folder-choice.ts";

describe("a disposable store", () => {
  test("gives everything back once, last first", () => {
    const given: number[] = [];
    const store = new DisposableStore();
    for (const n of [1, 2, 3]) store.add({ dispose: () => given.push(n) });
    expect(store.size).toBe(3);
    store.dispose();
    store.dispose();
    expect(given).toEqual([3, 2, 1]);
    expect(store.size).toBe(0);
  });

  test("gives back at once what comes after its end", () => {
    const store = new DisposableStore();
    store.dispose();
    let isGiven = false;
    store.add({ dispose: () => (isGiven = true) });
    expect(isGiven).toBe(true);
    expect(store.size).toBe(0);
  });
});

describe("debounced work", () => {
  const waitMs = 20;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test("runs once for many requests", async () => {
    let runs = 0;
    const work = debounce(() => runs++, waitMs);
    for (let i = 0; i < 5; i++) work.afterQuiet();
    for (let i = 0; i < 5; i++) work.soon();
    await pause(3 * waitMs);
    expect(runs).toBe(1);
  });

  test("that is wanted soon is not put off by requests that never pause", async () => {
    let runs = 0;
    const work = debounce(() => runs++, waitMs);
    const endMs = performance.now() + 8 * waitMs;
    while (performance.now() < endMs) {
      work.soon();
      await pause(2);
    }
    expect(runs).toBeGreaterThan(1);
    work.dispose();
  });

  test("does not run after its end", async () => {
    let runs = 0;
    const work = debounce(() => runs++, waitMs);
    work.soon();
    work.dispose();
    await pause(3 * waitMs);
    expect(runs).toBe(0);
  });
});

describe("the folder that a person works in", () => {
  const folders = ["/a", "/b"];

  test("is the first until a file of another is opened, and stays that when all are closed", () => {
    const choice = new FolderChoice();
    expect(choice.choose(null, folders)).toBe("/a");
    expect(choice.choose("/b", folders)).toBe("/b");
    expect(choice.choose(null, folders)).toBe("/b");
    expect(choice.choose("/a", folders)).toBe("/a");
  });

  test("is another once it has left the workspace, and none without folders", () => {
    const choice = new FolderChoice();
    choice.choose("/b", folders);
    expect(choice.choose(null, ["/a"])).toBe("/a");
    expect(choice.choose(null, folders)).toBe("/a");
    expect(choice.choose(null, [])).toBeNull();
  });
});
