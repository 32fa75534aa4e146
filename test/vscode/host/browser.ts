import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Browser, chromium, type Page } from "playwright-core";

import type { HostPaths } from "./code-server.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--font-render-hinting=none",
  // Whatever the page asks for, nothing but this machine has an address.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
];

/** Starts a headless Chromium with a scratch home and no way out of this machine. */
export async function startBrowser(paths: HostPaths): Promise<Browser> {
  const home = mkdtempSync(path.join(tmpdir(), "ot-browser-"));
  const browser = await chromium.launch({
    executablePath: paths.chromium,
    headless: true,
    args: flags,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      ...paths.chromiumEnv,
    },
  });
  browser.once("disconnected", () => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return browser;
}

/** Address of the workbench with a folder or a workspace file open. */
export function workbenchUrl(port: number, folder: string | undefined): string {
  const query = new URLSearchParams();
  if (folder === undefined) query.set("ew", "true");
  else query.set(folder.endsWith(".code-workspace") ? "workspace" : "folder", folder);
  const payload = [
    ["skipWelcome", "true"],
    ["skipReleaseNotes", "true"],
  ];
  query.set("payload", JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

export interface Development {
  /** Folders of unpacked extensions to load. */
  readonly extensions: readonly string[];
  /** Module with `run()`, started in the extension host once it is up. */
  readonly tests?: string | undefined;
}

/**
 * Loads unpacked extensions into windows that `page` opens from now on, which desktop VS Code does
 * for `--extensionDevelopmentPath` and `--extensionTestsPath`.
 *
 * The page's own configuration is rewritten before the workbench reads it. Answering the request
 * for the page ourselves would be simpler, but Chromium then takes it for a page from elsewhere
 * and refuses its WebSocket to this machine.
 */
export async function develop(page: Page, port: number, development: Development): Promise<void> {
  const uri = (at: string): object => ({
    $mid: 1,
    scheme: "vscode-remote",
    authority: `127.0.0.1:${port}`,
    path: at,
  });
  await page.addInitScript(putDevelopmentOptions, {
    extensions: development.extensions.map(uri),
    ...(development.tests === undefined ? {} : { extensionTestsPath: uri(development.tests) }),
  });
}

/** Runs in the page: nothing from this file is in scope there. */
function putDevelopmentOptions(options: object): void {
  if (window !== window.top) return;
  const observer = new MutationObserver(() => {
    // The workbench is a module script: it runs after the page is parsed, so after this.
    const meta = document.getElementById("vscode-workbench-web-configuration");
    if (meta === null) return;
    observer.disconnect();
    const settings = JSON.parse(meta.dataset["settings"] ?? "{}");
    settings.developmentOptions = { ...settings.developmentOptions, ...options };
    meta.dataset["settings"] = JSON.stringify(settings);
  });
  observer.observe(document, { childList: true, subtree: true });
}
