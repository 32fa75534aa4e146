import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { Frame } from "playwright-core";
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
/**
 * From the line in the transcript to its step in the view. Other programs can make one change
 * late, but not each of several: the quickest counts.
 */
const SHOWN_MS_MAX = 2_000;
const NOTES = ["notes/one.md", "notes/two.md", "notes/three.md"];
/** What the client changes before it commits, in order. */
const CHANGED = ["src/cart.js", ...NOTES];
const PROMPT = "The discount is wrong. Please mend it.";
const FIXED_LINE = "return cents(sum * (1 - discountPercent / 100));";

/** Reads, edits and takes a note after each of `seen` but the last; after that one it commits. */
function mendTheCart(repository: string, seen: readonly Promise<void>[]): ModelScript {
  const file = (name: string) => path.join(repository, name);
  const edit = {
    file_path: file("src/cart.js"),
    old_string: "  return cents(sum - discountPercent);",
    new_string: `  ${FIXED_LINE}`,
  };
  const note = { file_path: file("CHANGELOG.md"), content: "# Changelog\n\n- Mend it.\n" };
  const notes = NOTES.map((name, at) => ({
    before: () => seen[at],
    text: `Next is ${name}.`,
    tools: [{ name: "Write", input: { file_path: file(name), content: "A note.\n" } }],
  }));
  const commit = { command: 'git add -A && git commit -q -m "Mend the discount"' };
  return {
    main: [
      { tools: [{ name: "Read", input: { file_path: file("src/cart.js") } }] },
      { text: "It is absolute.", tools: [{ name: "Edit", input: edit }] },
      ...notes,
      { before: () => seen[NOTES.length], tools: [{ name: "Write", input: note }] },
      { tools: [{ name: "Bash", input: { ...commit, description: "Commit" } }] },
      { text: "Mended and committed." },
    ],
  };
}

/** When the transcripts of the client first tell of `count` files that it changed. */
async function whenWritten(lab: ClaudeLab, count: number): Promise<number> {
  for (;;) {
    const text = transcriptsOf(lab).map((file) => readFileSync(file, "utf8"));
    // What an edit has changed stands in the line of its result.
    if (text.join("").split('"structuredPatch"').length > count) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** From the line that tells of the last of `changed` to its step, with counts, in the view. */
async function msUntilShown(
  lab: ClaudeLab,
  timeline: Frame,
  changed: readonly string[],
): Promise<number> {
  const writtenMs = await whenWritten(lab, changed.length);
  const hasText = changed.at(-1) ?? "";
  await timeline.locator(".line.step", { hasText }).last().waitFor();
  await timeline.locator(".line", { hasText }).last().locator(".added").waitFor();
  return performance.now() - writtenMs;
}

describe("Claude Code in VS Code's own terminal", () => {
  beforeAll(async () => {
    await installClaude(CLAUDE_VERSION);
  }, INSTALL_MS_MAX);

  test("is seen while it works, and the hover names its prompt before any commit", async () => {
    const seen = CHANGED.map(() => Promise.withResolvers<void>());
    await using lab = await openClaudeLab({
      script: (repository) =>
        mendTheCart(
          repository,
          seen.map(({ promise }) => promise),
        ),
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

      await whenWritten(lab, 1);
      const timeline = await webviewFrame(page, ".card");
      await msUntilShown(lab, timeline, CHANGED.slice(0, 1));
      expect(await timeline.locator(".card").first().innerText()).toContain(PROMPT);
      await timeline.locator(".live-dot").waitFor();

      const hover = await hoverLineFor(page, FIXED_LINE, "wrote this line");
      expect(await hover.innerText()).toContain(PROMPT);
      expect(await hover.innerText()).toContain("not committed yet");
      await screenshot(page, "live-agent");

      const shownMs: number[] = [];
      for (const [at, { resolve }] of seen.slice(0, -1).entries()) {
        resolve();
        shownMs.push(await msUntilShown(lab, timeline, CHANGED.slice(0, at + 2)));
      }
      expect(Math.min(...shownMs)).toBeLessThan(SHOWN_MS_MAX);
      seen.at(-1)?.resolve();
      await timeline.locator(".line.commit", { hasText: "Mend the discount" }).waitFor();
      await timeline.locator(".line.step", { hasText: "CHANGELOG.md" }).waitFor();
      await screenshot(page, "live-agent-committed");
      expect([...workbench.foreignHosts, ...lab.model.refused]).toEqual([]);
    } catch (error) {
      await screenshot(page, "failed-live-agent");
      throw error;
    } finally {
      for (const { resolve } of seen) resolve();
      await workbench.close();
    }
  });
});
