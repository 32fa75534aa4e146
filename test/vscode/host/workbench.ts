import { mkdirSync } from "node:fs";
import path from "node:path";

import type { Browser, Frame, Locator, Page } from "playwright-core";

import { ensureHost } from "../../support/host.mjs";
import { develop, startBrowser, workbenchUrl } from "./browser.ts";
import { type Server, type ServerOptions, startServer } from "./code-server.ts";

const root = path.resolve(import.meta.dirname, "../../..");
/** A window that comes up beside much else takes its time; waiting longer costs only a failure. */
const frameMsMax = 60_000;
const hoverMsMax = 3_000;
const keyMsMax = 3_000;

export interface WorkbenchOptions extends ServerOptions {
  /** A folder, or a `.code-workspace` file. */
  readonly folder: string;
  /** Unpacked extensions; default: this checkout. */
  readonly extensions?: readonly string[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A VS Code window that a test drives as a person would. `close` ends everything it started. */
export interface Workbench {
  readonly page: Page;
  readonly server: Server;
  readonly browser: Browser;
  /** Hosts other than this machine that the pages asked for; stays empty when all is well. */
  readonly foreignHosts: ReadonlySet<string>;
  /** Another window of the same VS Code, with an extension host of its own. */
  openWindow(folder: string): Promise<Page>;
  close(): Promise<void>;
}

/** Opens VS Code on a folder with the extension loaded and waits until the window stands. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const paths = await ensureHost();
  const server = await startServer(paths, options);
  const browser = await startBrowser(paths);
  const close = async (): Promise<void> => {
    await browser.close();
    await server.stop();
  };
  try {
    const viewport = options.viewport ?? { width: 1400, height: 900 };
    const foreignHosts = new Set<string>();
    const openWindow = async (folder: string): Promise<Page> => {
      // In one context they would be tabs of a window, of which only one is ever drawn.
      const context = await browser.newContext({ viewport });
      const page = await context.newPage();
      page.setDefaultTimeout(frameMsMax);
      watchHosts(page, foreignHosts);
      await develop(page, server.port, { extensions: options.extensions ?? [root] });
      await page.goto(workbenchUrl(server.port, folder), { waitUntil: "commit" });
      await page.locator(".monaco-workbench .part.statusbar").waitFor();
      return page;
    };
    const page = await openWindow(options.folder);
    return { page, server, browser, foreignHosts, openWindow, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function watchHosts(page: Page, foreign: Set<string>): void {
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!protocol.startsWith("http")) return;
    // Webview resources have a name of their own, answered by the page's service worker.
    if (hostname.endsWith(".vscode-resource.vscode-cdn.net")) return;
    if (hostname !== "127.0.0.1" && hostname !== "localhost") foreign.add(hostname);
  });
}

/** Reloads the window, as "Developer: Reload Window" does. */
export async function reloadWindow(page: Page): Promise<void> {
  await page.reload();
  await page.locator(".monaco-workbench .part.statusbar").waitFor();
}

/** Shows the side bar of a view container by its title. */
export async function openContainer(page: Page, title: string): Promise<void> {
  await page.locator(`.activitybar [aria-label^="${title}"]`).first().click();
  // Away from the icon, whose tooltip would cover what has opened.
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  await page.mouse.move(width / 2, height / 2);
}

/** The frame of the webview that has an element for `selector`, among all that are open. */
export async function webviewFrame(page: Page, selector: string): Promise<Frame> {
  const endMs = Date.now() + frameMsMax;
  while (Date.now() < endMs) {
    for (const frame of page.frames()) {
      if (frame !== page.mainFrame() && (await hasElement(frame, selector))) return frame;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`No webview shows ${selector}.`);
}

async function hasElement(frame: Frame, selector: string): Promise<boolean> {
  try {
    return (await frame.locator(selector).count()) > 0;
  } catch {
    // The frame went away while it was asked: a webview replaces its inner frame as it loads.
    return false;
  }
}

/** Opens a file by quick open, by its path or a part of it; `line` is 1-based. */
export async function openFile(page: Page, file: string, line?: number): Promise<void> {
  await quickInput(page, "Control+P", file);
  const row = page.locator(".quick-input-list .monaco-list-row");
  await row
    .filter({ hasText: path.basename(file) })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  const tab = page.locator(".tab.active", { hasText: path.basename(file) });
  await tab.waitFor();
  if (line !== undefined) await goToLine(page, line);
}

/** Opens the quick input by a key and fills it; a window that is coming up may close it again. */
async function quickInput(page: Page, key: string, text: string): Promise<void> {
  const box = page.locator(".quick-input-widget input");
  const endMs = Date.now() + frameMsMax;
  for (;;) {
    await page.keyboard.press(key);
    try {
      return await box.fill(text, { timeout: keyMsMax });
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
  }
}

/** Puts the cursor at the start of a 1-based line of the active editor. */
export async function goToLine(page: Page, line: number): Promise<void> {
  await quickInput(page, "Control+G", `:${line}`);
  // The editor has to be told of the line before Enter means anything.
  await page.locator(".quick-input-widget", { hasText: `line ${line}` }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

/** Runs a command by its title through the command palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await quickInput(page, "F1", `>${title}`);
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
  await row.waitFor();
  await row.click();
}

/** The editor line that shows `text`. VS Code draws spaces as no-break spaces there. */
function editorLine(page: Page, text: string): Locator {
  const pattern = text
    .split(" ")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[ \\u00a0]");
  return page.locator(".monaco-editor .view-line", { hasText: new RegExp(pattern) }).first();
}

/** Rests the pointer on the editor line that shows `text`; resolves to the hover box. */
async function hoverLine(page: Page, text: string, msMax = frameMsMax): Promise<Locator> {
  const line = editorLine(page, text);
  const word = line.locator("span span").first();
  // A pointer that is already there makes no movement, and no hover.
  await page.mouse.move(2, 2);
  await word.hover({ timeout: msMax });
  const hover = page.locator(".monaco-hover:visible .monaco-hover-content").first();
  await hover.waitFor({ timeout: msMax });
  return hover;
}

/** The hover of an editor line, once it says `words`: other providers may answer before ours. */
export async function hoverLineFor(page: Page, text: string, words: string): Promise<Locator> {
  const endMs = Date.now() + frameMsMax;
  for (;;) {
    try {
      const hover = await hoverLine(page, text, hoverMsMax);
      await hover.filter({ hasText: words }).waitFor({ timeout: hoverMsMax });
      return hover;
    } catch (error) {
      // It showed somebody else's words, or nothing yet; the pointer comes once more.
      if (Date.now() > endMs) throw error;
    }
  }
}

/** Saves a picture of the window below `artifacts/`; returns its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const folder = path.join(root, "artifacts/screenshots");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}
