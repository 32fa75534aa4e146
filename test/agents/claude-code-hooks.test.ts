import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { setup } from "../../capture/setup/setup.ts";
import {
  CLAUDE_VERSION,
  installClaude,
  OLD_CLAUDE_VERSION,
} from "../support/agent-lab/claude-client.mjs";
import {
  type ClaudeLab,
  LAB_PERMISSIONS,
  openClaudeLab,
  promptArgs,
  runClaude,
} from "../support/agent-lab/claude-lab.ts";
import type { ModelScript } from "../support/agent-lab/model-script.ts";

const INSTALL_MS_MAX = 280_000;

/** Reads, searches, edits, fails a command, and leaves. */
function script(repository: string): ModelScript {
  const cart = path.join(repository, "src/cart.js");
  const note = { file_path: path.join(repository, "NOTE.md"), content: "Hello.\n" };
  return {
    main: [
      { tools: [{ name: "Read", input: { file_path: cart } }] },
      { tools: [{ name: "Write", input: note }] },
      { tools: [{ name: "Bash", input: { command: "exit 3", description: "Fail" } }] },
      { text: "Done." },
    ],
  };
}

function spooled(spoolDir: string): string[] {
  return readdirSync(spoolDir)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => {
      const payload = JSON.parse(readFileSync(path.join(spoolDir, name), "utf8"));
      return [payload.hook_event_name, payload.tool_name].filter(Boolean).join(" ");
    });
}

describe.each([CLAUDE_VERSION, OLD_CLAUDE_VERSION])("the hooks in Claude Code %s", (version) => {
  beforeAll(async () => {
    await installClaude(version);
  }, INSTALL_MS_MAX);

  test("fire where files may change, not where the agent only looks", async () => {
    const settings = (lab: ClaudeLab): object => ({
      permissions: LAB_PERMISSIONS,
      hooks: {
        Stop: [{ hooks: [{ type: "command", command: `touch ${lab.hookFolder}/mine` }] }],
      },
    });
    await using lab = await openClaudeLab({ version, script, settings });
    const file = path.join(lab.configFolder, "settings.json");
    const before = readFileSync(file, "utf8");
    const home = homeAt(path.join(lab.home, ".opentraces"));
    const context = { home, env: { CLAUDE_CONFIG_DIR: lab.configFolder } };
    const request = { target: "claude-code", dryRun: false, repo: lab.repository };
    await setup(quietOp(), context, { ...request, remove: false });

    const run = await runClaude(lab, promptArgs("Please write a note."));
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(spooled(home.spoolDir)).toEqual([
      "SessionStart",
      "UserPromptSubmit",
      "PreToolUse Write",
      "PostToolUse Write",
      "PreToolUse Bash",
      "PostToolUseFailure Bash",
      "Stop",
      "SessionEnd",
    ]);
    expect(readdirSync(lab.hookFolder)).toEqual(["mine"]);
    await setup(quietOp(), context, { ...request, remove: true });
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
