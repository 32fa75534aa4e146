import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { writeLongSession } from "../support/long-session.ts";
import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import { sayMore } from "../support/say-more.ts";
import {
  openContainer,
  openWorkbench,
  reloadWindow,
  runCommand,
  screenshot,
  webviewFrame,
  type Workbench,
} from "./host/workbench.ts";

type Sample = Awaited<ReturnType<typeof makeSample>>;

const newest = 'The test "total with 25% discount" fails in this repo.';
const older = "Look at part 1 of the shop and say what it does.";

describe("a person with several sessions in the workspace, without the mouse", () => {
  let sample: Sample;
  let workbench: Workbench;
  let page: Page;

  beforeAll(async () => {
    sample = await makeSample("simple-fix");
    await playSample(sample);
    writeLongSession(sample, 3);
    await sample.ot("import");
    workbench = await openWorkbench({ folder: sample.repository, env: sample.env });
    page = workbench.page;
    await openContainer(page, "opentraces");
  });
  afterAll(async () => {
    await workbench?.close();
    if (sample !== undefined) removeSample(sample);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await screenshot(page, "failed-session-picker");
  });

  const rows = () => page.locator(".quick-input-list .monaco-list-row");
  const seesTitle = async (words: string) => {
    const frame = await webviewFrame(page, ".title-text");
    await frame.locator(".title-text", { hasText: words }).waitFor();
    return frame;
  };
  const openPicker = async () => {
    await runCommand(page, "opentraces: Choose Session");
    await rows().filter({ hasText: older }).waitFor();
  };
  const chooseOlder = async () => {
    await openPicker();
    await page.keyboard.type("part 1");
    await rows().filter({ hasText: newest }).waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    return seesTitle(older);
  };

  test("sees the newest, and all of them in the picker, newest first", async () => {
    await seesTitle(newest);
    await openPicker();
    expect(await rows().allInnerTexts()).toEqual([
      expect.stringContaining("Follow the newest session"),
      expect.stringContaining(newest),
      expect.stringContaining(older),
    ]);
    await screenshot(page, "session-picker");
    await page.keyboard.press("Escape");
  });

  test("types a few letters of another one, and the timeline shows it", async () => {
    const frame = await chooseOlder();
    await frame.locator(".card", { hasText: "Look at part 3" }).waitFor();
    expect(await frame.locator(".card").count()).toBe(3);
  });

  test("stays there while the newest goes on, and has that back, live, by Enter", async () => {
    sayMore(sample, "Now round to cents.");
    await sample.ot("import");
    await openPicker();
    await seesTitle(older);
    await page.keyboard.press("Enter");
    const frame = await seesTitle(newest);
    await frame.locator(".card", { hasText: "Now round to cents." }).waitFor();
    sayMore(sample, "And say so in the changelog.");
    await frame.locator(".card", { hasText: "And say so in the changelog." }).waitFor();
  });

  test("keeps the choice over a restart of the window", async () => {
    await chooseOlder();
    // The workbench writes its state once in a while, and at the end of the window.
    await page.waitForTimeout(1_000);
    await reloadWindow(page);
    await seesTitle(older);
  });
});
