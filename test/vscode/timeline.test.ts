import { readFileSync } from "node:fs";
import path from "node:path";

import type { Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import {
  goToLine,
  hoverLineFor,
  openContainer,
  openFile,
  openWorkbench,
  reloadWindow,
  runCommand,
  screenshot,
  webviewFrame,
  type Workbench,
} from "./host/workbench.ts";

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';

describe("a person with a recorded session", () => {
  let sample: Awaited<ReturnType<typeof makeSample>>;
  let workbench: Workbench;

  beforeAll(async () => {
    sample = await makeSample("simple-fix");
    await playSample(sample);
    const { repository: folder, env } = sample;
    workbench = await openWorkbench({ folder, env, settings: { "files.autoSave": "off" } });
  });
  afterAll(async () => {
    await workbench?.close();
    if (sample !== undefined) removeSample(sample);
  });

  afterEach(async ({ task }) => {
    const name = `failed-${task.name.replaceAll(/\W+/gu, "-").slice(0, 40)}`;
    if (task.result?.state === "fail") await screenshot(workbench.page, name);
  });

  const timeline = () => webviewFrame(workbench.page, ".card");

  test("opens the timeline and sees the prompt and the steps below it", async () => {
    await openContainer(workbench.page, "opentraces");
    const frame = await timeline();
    expect(await frame.locator(".card").first().innerText()).toContain(prompt);
    await frame.locator(".line.step", { hasText: "npm test" }).nth(2).waitFor();
    const failed = frame.locator(".line.step", { hasText: "exit 1" });
    expect(await failed.count()).toBe(2);
    await frame.locator(".line.step", { hasText: "src/cart.js" }).nth(1).waitFor();
    await frame.locator(".line.step", { hasText: "CHANGELOG.md" }).waitFor();
    const commit = frame.locator(".line.commit");
    await commit.waitFor();
    expect(await commit.innerText()).toMatch(/\d of \d added lines from this session/u);
    expect(await frame.locator(".outcome").innerText()).toMatch(/1 commit · tests green/u);
    await screenshot(workbench.page, "timeline");
  });

  test("finds no planted secret in it, but a lock where one was", async () => {
    const frame = await timeline();
    const text = await frame.locator(".session").innerText();
    expect(text).not.toMatch(/ghp_|AKIA|sk-ant-/u);
    expect(await frame.locator(".redactions").count()).toBeGreaterThan(0);
  });

  test("searches with a slash, and has everything back with Escape", async () => {
    const { page } = workbench;
    const frame = await timeline();
    await frame.locator(".line.step", { hasText: "npm test" }).first().click();
    await page.keyboard.press("/");
    await frame.locator(".search-field").waitFor();
    await page.keyboard.type("CHANGELOG");
    await expectCount(frame, ".line.step", 1);
    await screenshot(page, "timeline-search");
    await page.keyboard.press("Escape");
    await expectCount(frame, ".search-field", 0);
    await frame.locator(".line.commit").waitFor();
    await frame.locator(".line.step", { hasText: "npm test" }).first().click();
  });

  test("expands a command and reads its output", async () => {
    const frame = await timeline();
    await frame.locator(".line.step", { hasText: "npm test" }).first().click();
    const output = frame.locator(".details .output");
    await output.waitFor();
    expect(await output.innerText()).toContain("total with 25% discount");
    await frame.locator(".line.step", { hasText: "npm test" }).first().click();
  });

  test("expands an edit and sees its diff in place", async () => {
    const frame = await timeline();
    const edit = frame.locator(".line.step", { hasText: "src/cart.js" }).last();
    await edit.click();
    const added = frame.locator(".details .d2h-ins .d2h-code-line-ctn");
    await added.first().waitFor();
    expect(await added.first().innerText()).toContain("discountPercent / 100");
    // It is the last that fits, and comes whole into view with the row that it belongs to.
    await expect.poll(() => isInView(frame, ".details")).toBe(true);
    expect(await isInView(frame, ".line.selected")).toBe(true);
    await screenshot(workbench.page, "timeline-diff-in-place");
  });

  test("opens the same edit as VS Code's own diff with Enter", async () => {
    const { page } = workbench;
    await page.keyboard.press("Enter");
    const changed = page.locator(".monaco-diff-editor .modified .view-line", {
      hasText: "discountPercent",
    });
    await changed.last().waitFor();
    await page.locator(".tab.active", { hasText: "(step" }).waitFor();
    await screenshot(page, "diff");
    await runCommand(page, "View: Close All Editors");
  });

  test("hovers the line that was mended and reads the prompt", async () => {
    const { page } = workbench;
    await openFile(page, "src/cart.js");
    const hover = await hoverLineFor(page, fixedLine, "wrote this line");
    expect(await hover.innerText()).toContain(prompt);
    await screenshot(page, "hover");
  });

  test("sees who wrote the current line behind it, and a stripe beside it", async () => {
    const { page } = workbench;
    await goToLine(page, lineNumberOf(sample.repository, fixedLine));
    await expect.poll(() => wordsBehindLines(page)).toMatch(/Claude Code, .* · “The test/u);
    const stripe = page.locator(".glyph-margin-widgets .cgmr");
    await expect.poll(() => stripe.count(), { timeout: 10_000 }).toBeGreaterThan(0);
  });

  test("types above the line, without saving, and the hover still knows it", async () => {
    const { page } = workbench;
    await goToLine(page, 1);
    await page.keyboard.type("const one = 1;\nconst two = 2;\n");
    await page.locator(".tab.active.dirty").waitFor();
    const hover = await hoverLineFor(page, fixedLine, "wrote this line");
    expect(await hover.innerText()).toContain(prompt);
    await screenshot(page, "hover-unsaved");
    await runCommand(page, "File: Revert File");
  });

  test("goes from the hover to the step, which is shown and selected", async () => {
    const { page } = workbench;
    const frame = await timeline();
    await frame.locator(".card").first().click();
    await frame.locator(".card.selected").waitFor();
    const hover = await hoverLineFor(page, fixedLine, "Open step");
    await hover.locator("a", { hasText: "Open step" }).click();
    const selected = frame.locator(".line.selected");
    await selected.waitFor();
    expect(await selected.innerText()).toContain("src/cart.js");
  });

  test("sees in the status bar whether this repository is recorded", async () => {
    const item = workbench.page.locator(".statusbar-item", { hasText: "opentraces" });
    await item.waitFor();
    expect(await item.innerText()).toMatch(/[●○] opentraces/u);
  });

  test("restarts the window and finds everything as it was", async () => {
    const { page } = workbench;
    const before = await timeline();
    await before.locator(".chip", { hasText: "Failed" }).click();
    await before.locator(".card").waitFor();
    await expectCount(before, ".line.step", 2);
    // The workbench writes its state once in a while, and at the end of the window.
    await page.waitForTimeout(1_000);
    await reloadWindow(page);
    const after = await timeline();
    await expectCount(after, ".line.step", 2);
    expect(await after.locator('.chip[aria-checked="true"]').innerText()).toContain("Failed");
    await after.locator(".chip", { hasText: "All" }).click();
    await after.locator(".line.selected", { hasText: "src/cart.js" }).waitFor();
    await after.locator(".line.commit").waitFor();
    await openFile(page, "src/cart.js");
    const hover = await hoverLineFor(page, fixedLine, "wrote this line");
    expect(await hover.innerText()).toContain(prompt);
  });

  test("and nothing of this asked another host", () => {
    expect([...workbench.foreignHosts]).toEqual([]);
  });
});

/** Whether an element is wholly within the list's part of the view. */
function isInView(frame: Frame, selector: string): Promise<boolean> {
  return frame.evaluate((wanted) => {
    const box = document.querySelector(wanted)?.getBoundingClientRect();
    const view = document.querySelector(".scroller")?.getBoundingClientRect();
    if (box === undefined || view === undefined) return false;
    return box.top >= view.top - 1 && box.bottom <= view.bottom + 1;
  }, selector);
}

/** 1-based. */
function lineNumberOf(repository: string, text: string): number {
  const lines = readFileSync(path.join(repository, "src/cart.js"), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

/** What decorations draw behind the text of lines; it is no text of the page. */
function wordsBehindLines(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".view-line span")]
      .map((span) => getComputedStyle(span, "::after").content)
      .filter((content) => content !== "none" && content !== "normal")
      .join(" "),
  );
}

async function expectCount(frame: Frame, selector: string, count: number): Promise<void> {
  await expect.poll(() => frame.locator(selector).count(), { timeout: 20_000 }).toBe(count);
}
