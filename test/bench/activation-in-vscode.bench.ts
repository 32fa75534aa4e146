// What our activation costs over that of an extension that does nothing, by VS Code's own clock:
// reading and running the bundle and the call of `activate`, in windows that are opened anew.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Page } from "playwright-core";

import { type Figure, median } from "../support/bench-figure.ts";
import { openWorkbench, reloadWindow, runCommand } from "../vscode/host/workbench.ts";

const rounds = 5;
const limitMs = 5;
const root = path.resolve(import.meta.dirname, "../..");
const ours = "opentraces.opentraces";
/** All running extensions are drawn at once. */
const viewport = { width: 1000, height: 2400 };

/** Milliseconds of activation, the median of windows, ours less the empty one's. */
export async function figures(): Promise<readonly Figure[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ot-activation-"));
  try {
    const folder = path.join(scratch, "folder");
    mkdirSync(folder);
    const empty = [makeEmpty(scratch, "empty-before"), makeEmpty(scratch, "empty-after")];
    const extensions = [empty[0] ?? "", root, empty[1] ?? ""];
    const workbench = await openWorkbench({ folder, extensions, viewport });
    const own: number[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await reloadWindow(workbench.page);
        own.push(await ownMs(workbench.page));
      }
    } finally {
      await workbench.close();
    }
    const name = "activation over an empty extension, in VS Code";
    return [{ name, value: median(own), unit: "ms", limit: limitMs }];
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

function makeEmpty(scratch: string, name: string): string {
  const folder = path.join(scratch, name);
  mkdirSync(folder);
  const manifest = {
    name,
    publisher: "bench",
    version: "1.0.0",
    engines: { vscode: "^1.101.0" },
    main: "./extension.cjs",
    activationEvents: ["onStartupFinished"],
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "extension.cjs"), "exports.activate = () => undefined;\n");
  return folder;
}

/** Ours, less the mean of the empty one that starts before it and the one that starts after. */
async function ownMs(page: Page): Promise<number> {
  await page.locator(".statusbar-item", { hasText: "opentraces" }).waitFor();
  await runCommand(page, "Developer: Show Running Extensions");
  const [mine, before, after] = await Promise.all([
    shownMs(page, ours),
    shownMs(page, "bench.empty-before"),
    shownMs(page, "bench.empty-after"),
  ]);
  return mine - (before + after) / 2;
}

async function shownMs(page: Page, id: string): Promise<number> {
  const row = page.locator(".runtime-extensions-editor .extension", { hasText: id }).first();
  const words = await row.locator(".activation-time").innerText();
  const ms = /(\d+)ms/u.exec(words)?.[1];
  if (ms === undefined) throw new Error(`VS Code says "${words}" of ${id}.`);
  return Number(ms);
}
