import type { Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeSample, playSample, removeSample } from "../support/sample.mjs";
import {
  hoverLineFor,
  openContainer,
  openFile,
  openWorkbench,
  runCommand,
  screenshot,
  webviewFrame,
  type Workbench,
} from "./host/workbench.ts";

type Sample = Awaited<ReturnType<typeof makeSample>>;

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';
const hostile =
  "[run](command:workbench.action.quit) $(bug) <img src=x onerror=alert(1)> **bold** " +
  "https://evil.example \u001b[31mred \u202eback";

/** The recorded session, with other words in the place of its prompt. */
function withPrompt(sample: Sample, words: string): Sample {
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
  const swapped = (text: string) => text.replaceAll(escaped(prompt), () => escaped(words));
  const schedule: typeof sample.fixture.schedule = sample.fixture.schedule.map(
    (item: { kind: string; text?: string; payload?: object }) => {
      if (item.kind === "line") return { ...item, text: swapped(item.text ?? "") };
      if (item.kind !== "hook") return item;
      return { ...item, payload: JSON.parse(swapped(JSON.stringify(item.payload))) };
    },
  );
  return { ...sample, fixture: { ...sample.fixture, schedule } };
}

describe("a prompt that is made of markup, links, icons and terminal escapes acts nowhere", () => {
  let sample: Sample;
  let workbench: Workbench;
  let page: Page;
  let timeline: Frame;
  const dialogs: string[] = [];

  beforeAll(async () => {
    sample = await makeSample("simple-fix");
    await playSample(withPrompt(sample, hostile));
    workbench = await openWorkbench({ folder: sample.repository, env: sample.env });
    page = workbench.page;
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await openContainer(page, "opentraces");
    timeline = await webviewFrame(page, ".card");
  });
  afterAll(async () => {
    await workbench?.close();
    if (sample !== undefined) removeSample(sample);
  });

  test("in the timeline", async () => {
    const card = timeline.locator(".card").first();
    await card.click();
    const words = await card.innerText();
    expect(words).toContain("[run](command:workbench.action.quit) $(bug) <img src=x");
    expect(words).toContain("**bold** https://evil.example ␛[31mred \ufffdback");
    expect(await timeline.locator(".session").locator("a, img, b, strong").count()).toBe(0);
  });

  test("in the hover and behind the line", async () => {
    await openFile(page, "src/cart.js", 9);
    const hover = await hoverLineFor(page, fixedLine, "wrote this line");
    const words = (await hover.innerText()).replaceAll("\u00a0", " ");
    expect(words).toContain("[run](command:workbench.action.quit) $(bug) <img src=x");
    expect(words).toContain("https://evil.example ␛[31mred");
    expect(await hover.locator("a").allInnerTexts()).toEqual(["Open step", "Diff"]);
    expect(await hover.locator("img, .codicon-bug").count()).toBe(0);
    expect(await hover.locator("strong").allInnerTexts()).toEqual(["Claude Code"]);
    await screenshot(page, "hostile-hover");
  });

  test("in the list of sessions and in the session picker", async () => {
    await page.mouse.move(2, 2);
    await page.locator(".pane-header", { hasText: "Sessions" }).click();
    const item = page.locator(".pane-body .monaco-list-row", { hasText: "[run]" });
    await item.waitFor();
    expect(await item.locator("a[href], .codicon-bug, img").count()).toBe(0);
    await runCommand(page, "opentraces: Choose Session");
    const pick = page.locator(".quick-input-list .monaco-list-row", { hasText: "[run]" });
    await pick.waitFor();
    expect(await pick.locator("a[href], .codicon-bug, img").count()).toBe(0);
    await screenshot(page, "hostile-picker");
    await page.keyboard.press("Escape");
  });

  test("and nothing opened a dialog or asked another host", () => {
    expect(dialogs).toEqual([]);
    expect([...workbench.foreignHosts]).toEqual([]);
  });
});
