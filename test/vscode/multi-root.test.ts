import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import {
  openContainer,
  openFile,
  openWorkbench,
  runCommand,
  screenshot,
  webviewFrame,
  type Workbench,
} from "./host/workbench.ts";

const prompt = 'The test "total with 25% discount" fails in this repo.';

describe("in a workspace of two folders, of which the second has a session", () => {
  let sample: Awaited<ReturnType<typeof makeSample>>;
  let workbench: Workbench;
  let page: Page;
  let scratch: string;

  beforeAll(async () => {
    sample = await makeSample("simple-fix");
    await playSample(sample);
    scratch = mkdtempSync(path.join(tmpdir(), "ot-roots-"));
    const first = path.join(scratch, "first");
    mkdirSync(path.join(first, "src"), { recursive: true });
    mkdirSync(path.join(first, ".git"));
    // Another file of the same name, which is not the one that the session read.
    copyFileSync(path.join(sample.repository, "src/cart.js"), path.join(first, "src/cart.js"));
    writeFileSync(path.join(first, "only-here.txt"), "first\n");
    const file = path.join(scratch, "two.code-workspace");
    const folders = [{ path: first }, { path: sample.repository }];
    writeFileSync(file, JSON.stringify({ folders }));
    workbench = await openWorkbench({ folder: file, env: sample.env });
    page = workbench.page;
    await openContainer(page, "opentraces");
  });
  afterAll(async () => {
    await workbench?.close();
    if (sample !== undefined) removeSample(sample);
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });

  const shown = async (selector: string): Promise<Frame> => webviewFrame(page, selector);

  test("the timeline is of the first, until a file of the second is opened", async () => {
    await shown(".empty h2");
    await openFile(page, "CHANGELOG.md");
    const frame = await shown(".card");
    expect(await frame.locator(".card").first().innerText()).toContain(prompt);
  });

  test("and stays with the second when the last editor is closed", async () => {
    await runCommand(page, "View: Close All Editors");
    await page.locator(".tab").first().waitFor({ state: "detached" });
    await page.waitForTimeout(1_500);
    const frame = await shown(".session, .empty");
    expect(await frame.locator(".card").first().innerText()).toContain(prompt);
    await screenshot(page, "two-folders");
  });

  test("a file of a session from elsewhere is not opened, and the person told why", async () => {
    const frame = await shown(".card");
    await runCommand(page, "opentraces: Choose Session");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: prompt }).first().click();
    await openFile(page, "only-here.txt");
    const reads = frame.locator(".line.fold", { hasText: "Read" }).first();
    await reads.click();
    await frame.locator(".children .line.step", { hasText: "cart.js" }).first().dblclick();
    await page
      .locator(".notification-toast", { hasText: "took place in another folder" })
      .waitFor();
    expect(await page.locator(".tab", { hasText: "cart.js" }).count()).toBe(0);
  });
});
