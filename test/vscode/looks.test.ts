import { mkdirSync } from "node:fs";
import path from "node:path";

import type { Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { writeLongSession } from "../support/long-session.ts";
import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import {
  hoverLineFor,
  openContainer,
  openFile,
  openWorkbench,
  runCommand,
  screenshot,
  webviewFrame,
} from "./host/workbench.ts";

type Sample = Awaited<ReturnType<typeof makeSample>>;

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const longPrompts = 1_000;

const samples: Sample[] = [];
afterAll(() => samples.forEach(removeSample));

async function openSample(sample: Sample, settings: Readonly<Record<string, unknown>>) {
  const { repository: folder, env } = sample;
  const workbench = await openWorkbench({ folder, env, settings });
  await openContainer(workbench.page, "opentraces");
  return { ...workbench, timeline: await webviewFrame(workbench.page, ".card") };
}

describe("the timeline and the hover look right", () => {
  let window: Awaited<ReturnType<typeof openSample>>;
  beforeAll(async () => {
    const sample = await makeSample("simple-fix");
    samples.push(sample);
    await playSample(sample);
    window = await openSample(sample, { "workbench.reduceMotion": "on" });
    const { timeline, page } = window;
    await timeline.locator(".line.fold").first().click();
    await timeline.locator(".line.step", { hasText: "src/cart.js" }).last().click();
    await timeline.locator(".d2h-ins").first().waitFor();
    await openFile(page, "src/cart.js");
  });
  afterAll(() => window?.close());

  test.each([
    ["dark", "Dark Modern", "vscode-dark"],
    ["light", "Light Modern", "vscode-light"],
    ["high-contrast-dark", "Dark High Contrast", "vscode-high-contrast"],
    ["high-contrast-light", "Light High Contrast", "vscode-high-contrast-light"],
  ])("in a %s theme", async (name, label, kind) => {
    const { page, timeline } = window;
    await chooseTheme(page, label);
    await timeline.locator(`body.${kind}`).waitFor();
    await hoverLineFor(page, fixedLine, "wrote this line");
    await screenshot(page, `theme-${name}`);
    const [text, behind] = await coloursOf(timeline);
    expect(text).not.toBe(behind);
  });

  test("where nothing may move", async () => {
    expect(await window.timeline.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test("where the colours are those of the system", async () => {
    const { page } = window;
    await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    await screenshot(page, "forced-colours");
    await page.emulateMedia({ forcedColors: null, reducedMotion: null });
  });

  test("at 240 pixels of side bar, and with everything twice as large", async () => {
    const { page, timeline } = window;
    await chooseTheme(page, "Dark Modern");
    await narrowSideBar(page, 240);
    await screenshot(page, "narrow-240");
    expect(await widerThanView(timeline)).toEqual([]);
    // VS Code's own zoom does this to its windows.
    await timeline.evaluate(() => (document.documentElement.style.zoom = "2"));
    await screenshot(page, "narrow-zoom-200");
    expect(await widerThanView(timeline)).toEqual([]);
  });
});

describe("a session of thousands of steps", () => {
  test("opens at once, scrolls to its end and jumps by the strip", async () => {
    const sample = await makeSample("simple-fix");
    samples.push(sample);
    mkdirSync(path.join(sample.configFolder, "projects"), { recursive: true });
    writeLongSession(sample, longPrompts);
    await sample.ot("import");
    const window = await openSample(sample, { "workbench.colorTheme": "Default Dark Modern" });
    const { page, timeline } = window;
    try {
      await timeline.locator(".card", { hasText: "Look at part 1 of" }).waitFor();
      await timeline.locator(".card").first().click();
      await page.keyboard.press("End");
      await timeline.locator(".card", { hasText: `Look at part ${longPrompts} ` }).waitFor();
      await expect.poll(() => isInView(timeline, ".line.selected")).toBe(true);
      await screenshot(page, "long-session-end");
      const box = await timeline.locator(".strip").boundingBox();
      expect(box).not.toBeNull();
      if (box !== null) await page.mouse.click(box.x + box.width / 2, box.y + 10);
      await timeline
        .locator(".card", { hasText: /Look at part (49|50)\d / })
        .first()
        .waitFor();
      await screenshot(page, "long-session-middle");
      expect(await timeline.locator(".row").count()).toBeLessThan(100);
      expect(await longestFrameMs(timeline)).toBeLessThan(200);
    } finally {
      await window.close();
    }
  });
});

/** Whether an element is wholly within the list's part of the view. */
function isInView(frame: Frame, selector: string): Promise<boolean> {
  return frame.evaluate((wanted) => {
    const box = document.querySelector(wanted)?.getBoundingClientRect();
    const view = document.querySelector(".scroller")?.getBoundingClientRect();
    return box !== undefined && view !== undefined && box.bottom <= view.bottom + 1;
  }, selector);
}

/** Colour of the text, and of what is behind it. */
function coloursOf(frame: Frame): Promise<[string, string]> {
  return frame.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    return [color, backgroundColor];
  });
}

/** What stands out of the view to the right; it would make it scroll sideways. */
function widerThanView(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const { clientWidth } = document.documentElement;
    return [...document.querySelectorAll(".header, .filters, .chip, .strip, .row, .line, .card")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.className);
  });
}

async function chooseTheme(page: Page, label: string): Promise<void> {
  await runCommand(page, "Preferences: Color Theme");
  await page.locator(".quick-input-widget input").fill(label);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first().click();
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

async function narrowSideBar(page: Page, width: number): Promise<void> {
  const bar = await page.locator(".part.sidebar").boundingBox();
  if (bar === null) throw new Error("There is no side bar.");
  await page.mouse.move(bar.x + bar.width, 500);
  await page.mouse.down();
  await page.mouse.move(bar.x + width, 500, { steps: 8 });
  await page.mouse.up();
}

/** The longest time between two frames while the list is scrolled from one end to the other. */
function longestFrameMs(frame: Frame): Promise<number> {
  return frame.evaluate(async () => {
    const scroller = document.querySelector(".scroller");
    if (scroller === null) throw new Error("There is no list.");
    let longest = 0;
    let before = performance.now();
    for (let i = 0; i <= 60; i++) {
      scroller.scrollTop = (scroller.scrollHeight * i) / 60;
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      if (i > 0) longest = Math.max(longest, now - before);
      before = now;
    }
    return longest;
  });
}
