import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { makeSample, removeSample } from "../support/sample.mjs";
import { hermeticEnv } from "./host/code-server.ts";
import {
  openContainer,
  openWorkbench,
  runCommand,
  screenshot,
  webviewFrame,
  type Workbench,
  type WorkbenchOptions,
} from "./host/workbench.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A scratch folder with a home of its own and, in `shop`, what git makes with `args`. */
function makeFolder(args: readonly string[] | null): { folder: string; env: NodeEnv } {
  const scratch = mkdtempSync(path.join(tmpdir(), "ot-empty-"));
  folders.push(scratch);
  const folder = path.join(scratch, "shop");
  const env = hermeticEnv(path.join(scratch, "home"));
  mkdirSync(folder);
  if (args !== null) execFileSync("git", [...args, folder], { env, stdio: "ignore" });
  return { folder, env };
}

type NodeEnv = Record<string, string>;

async function withTimeline(
  place: Pick<WorkbenchOptions, "folder" | "env" | "settings">,
  work: (workbench: Workbench, title: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const workbench = await openWorkbench(place);
  try {
    await openContainer(workbench.page, "opentraces");
    const title = async () =>
      (await webviewFrame(workbench.page, ".empty h2")).locator(".empty h2").innerText();
    await work(workbench, title);
  } finally {
    await workbench.close();
  }
}

describe("without a session the timeline says why", () => {
  test("in a folder that is no repository, which it can make one", async () => {
    await withTimeline(makeFolder(null), async ({ page }, title) => {
      expect(await title()).toBe("This folder is not a Git repository");
      await screenshot(page, "empty-no-repository");
    });
  });

  test("in a bare repository", async () => {
    await withTimeline(makeFolder(["init", "--bare", "-q"]), async ({ page }, title) => {
      expect(await title()).toBe("This repository has no working tree");
      await screenshot(page, "empty-bare-repository");
    });
  });

  test("in a repository without a commit, which nobody has been asked about", async () => {
    await withTimeline(makeFolder(["init", "-q"]), async ({ page }, title) => {
      expect(await title()).toBe("Record agent sessions in this repository?");
      await screenshot(page, "empty-unasked");
      // The status bar leads to the same question.
      await page.locator(".statusbar-item", { hasText: "○ opentraces" }).click();
      const question = page.locator(".monaco-dialog-box", { hasText: "Record agent sessions" });
      await question.waitFor();
      expect(await question.innerText()).toContain("What is recorded stays on this machine.");
      await screenshot(page, "question-consent");
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "hidden" });
      expect(await title()).toBe("Record agent sessions in this repository?");
    });
  });

  test("in a folder that is not trusted, from which no hook is installed", async () => {
    const place = makeFolder(["init", "-q"]);
    const settings = {
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
    };
    await withTimeline({ ...place, settings }, async ({ page }, title) => {
      expect(await title()).toBe("Record agent sessions in this repository?");
      await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      const frame = await webviewFrame(page, ".empty h2");
      await frame.locator("vscode-button", { hasText: "Set Up Capture" }).click();
      const refusal = page.locator(".notification-toast", { hasText: "not trusted" });
      await refusal.waitFor();
      expect(await refusal.innerText()).toContain("Manage Workspace Trust");
      expect(await page.locator(".monaco-dialog-box").count()).toBe(0);
      await screenshot(page, "refusal-untrusted");
      expect(existsSync(path.join(place.env["HOME"] ?? "", ".claude"))).toBe(false);
    });
  });

  test("where it is recorded but has no session yet, and while it is paused", async () => {
    const sample = await makeSample("simple-fix");
    const { repository: folder, env } = sample;
    try {
      await withTimeline({ folder, env }, async ({ page }, title) => {
        await expect.poll(title, { timeout: 20_000 }).toBe("No session here yet");
        await screenshot(page, "empty-no-session");
        await runCommand(page, "opentraces: Pause Capture in This Repository");
        await expect.poll(title, { timeout: 20_000 }).toBe("Capture is paused for this repository");
        await page.locator(".statusbar-item", { hasText: "‖ opentraces" }).waitFor();
        await screenshot(page, "empty-paused");
        const frame = await webviewFrame(page, ".empty h2");
        await frame.locator("vscode-button", { hasText: "Resume Capture" }).click();
        await expect.poll(title, { timeout: 20_000 }).toBe("No session here yet");
      });
    } finally {
      removeSample(sample);
    }
  });
});
