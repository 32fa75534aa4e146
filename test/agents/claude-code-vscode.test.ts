import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { CLAUDE_VERSION, installClaude } from "../support/agent-lab/claude-client.mjs";
import {
  type ClaudeLab,
  LAB_PERMISSIONS,
  openClaudeLab,
  promptArgs,
  terminalCommand,
  transcriptsOf,
} from "../support/agent-lab/claude-lab.ts";
import type { ModelScript } from "../support/agent-lab/model-script.ts";
import { runOt } from "../support/sample.mjs";
import { hermeticEnv } from "../vscode/host/code-server.ts";
import {
  hoverLineFor,
  openContainer,
  openFile,
  openWorkbench,
  runCommand,
  screenshot,
  webviewFrame,
} from "../vscode/host/workbench.ts";

const INSTALL_MS_MAX = 280_000;
/** From the line in the transcript to its step in the view, on a machine that has nothing else. */
const SHOWN_MS_MAX = 2_000;
const PROMPT = "The discount is wrong. Please mend it.";
const FIXED_LINE = "return cents(sum * (1 - discountPercent / 100));";

/** Reads and edits, then waits for `seen` before it writes a second file and commits. */
function mendTheCart(repository: string, seen: Promise<void>): ModelScript {
  const file = (name: string) => path.join(repository, name);
  const edit = {
    file_path: file("src/cart.js"),
    old_string: "  return cents(sum - discountPercent);",
    new_string: `  ${FIXED_LINE}`,
  };
  const note = { file_path: file("CHANGELOG.md"), content: "# Changelog\n\n- Mend it.\n" };
  const commit = { command: 'git add -A && git commit -q -m "Mend the discount"' };
  return {
    main: [
      { tools: [{ name: "Read", input: { file_path: file("src/cart.js") } }] },
      { text: "It is absolute.", tools: [{ name: "Edit", input: edit }] },
      { before: () => seen, tools: [{ name: "Write", input: note }] },
      { tools: [{ name: "Bash", input: { ...commit, description: "Commit" } }] },
      { text: "Mended and committed." },
    ],
  };
}

/** How many programs want each core now; 1 where there are cores to spare. */
function programsPerCore(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** When a transcript of the client first holds `text`. */
async function whenWritten(lab: ClaudeLab, text: string): Promise<number> {
  for (;;) {
    const isThere = transcriptsOf(lab).some((file) => readFileSync(file, "utf8").includes(text));
    if (isThere) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("Claude Code in VS Code's own terminal", () => {
  beforeAll(async () => {
    await installClaude(CLAUDE_VERSION);
  }, INSTALL_MS_MAX);

  test("is seen while it works, and the hover names its prompt before any commit", async () => {
    const seen = Promise.withResolvers<void>();
    await using lab = await openClaudeLab({
      script: (repository) => mendTheCart(repository, seen.promise),
      settings: () => ({ permissions: LAB_PERMISSIONS }),
    });
    const env = {
      ...hermeticEnv(lab.home),
      OPENTRACES_HOME: path.join(lab.home, ".opentraces"),
      CLAUDE_CONFIG_DIR: lab.configFolder,
    };
    await runOt(["setup", "claude-code", "--yes"], { cwd: lab.repository, env });
    const script = path.join(lab.home, "agent.sh");
    writeFileSync(script, `${terminalCommand(lab, promptArgs(PROMPT))} < /dev/null\n`);

    const workbench = await openWorkbench({ folder: lab.repository, env });
    const { page } = workbench;
    try {
      await openContainer(page, "opentraces");
      await webviewFrame(page, ".empty");
      await openFile(page, "src/cart.js");
      await runCommand(page, "Terminal: Create New Terminal");
      await page.locator(".terminal-wrapper.active .xterm").waitFor();
      await page.keyboard.type(`sh '${script}'\n`);

      // What an edit has changed stands in the line of its result.
      const writtenMs = await whenWritten(lab, '"structuredPatch"');
      const timeline = await webviewFrame(page, ".card");
      await timeline.locator(".line.step", { hasText: "src/cart.js" }).last().waitFor();
      const edited = timeline.locator(".line", { hasText: "src/cart.js" }).last();
      await edited.locator(".added").waitFor();
      expect(performance.now() - writtenMs).toBeLessThan(SHOWN_MS_MAX * programsPerCore());
      expect(await timeline.locator(".card").first().innerText()).toContain(PROMPT);
      await timeline.locator(".live-dot").waitFor();

      const hover = await hoverLineFor(page, FIXED_LINE, "wrote this line");
      expect(await hover.innerText()).toContain(PROMPT);
      expect(await hover.innerText()).toContain("not committed yet");
      await screenshot(page, "live-agent");

      seen.resolve();
      await timeline.locator(".line.commit", { hasText: "Mend the discount" }).waitFor();
      await timeline.locator(".line.step", { hasText: "CHANGELOG.md" }).waitFor();
      await screenshot(page, "live-agent-committed");
      expect([...workbench.foreignHosts, ...lab.model.refused]).toEqual([]);
    } catch (error) {
      await screenshot(page, "failed-live-agent");
      throw error;
    } finally {
      seen.resolve();
      await workbench.close();
    }
  });
});
