import { existsSync, readdirSync, readFileSync } from "node:fs";
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
const RUNNING_CALLS = 16;
const RUNNING_PAUSE_MS = 400;

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

function payloads(spoolDir: string): ReturnType<typeof JSON.parse>[] {
  return readdirSync(spoolDir)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(path.join(spoolDir, name), "utf8")));
}

function spooled(spoolDir: string): string[] {
  return payloads(spoolDir).map((payload) =>
    [payload.hook_event_name, payload.tool_name].filter(Boolean).join(" "),
  );
}

/** What `ot setup claude-code` in the lab's repository comes to. */
function setupIn(lab: ClaudeLab) {
  const home = homeAt(path.join(lab.home, ".opentraces"));
  const context = { home, env: { CLAUDE_CONFIG_DIR: lab.configFolder } };
  return { home, context, request: { target: "claude-code", dryRun: false, repo: lab.repository } };
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
    const { home, context, request } = setupIn(lab);
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

  test("fire in a session that ran when they came, and no more once they are gone", async () => {
    let look: ((at: number) => Promise<void>) | undefined;
    const calls = Array.from({ length: RUNNING_CALLS }, (_, at) => ({
      before: () => look?.(at),
      tools: [{ name: "Bash", input: { command: `echo ${at}`, description: "Count" } }],
    }));
    const settings = () => ({ permissions: LAB_PERMISSIONS });
    await using lab = await openClaudeLab({ version, script: () => ({ main: calls }), settings });
    const { home, context, request } = setupIn(lab);
    const file = path.join(lab.configFolder, "settings.json");
    const before = readFileSync(file, "utf8");
    look = async (at) => {
      // The client reads changed settings once they have been left alone for a while.
      await new Promise((resolve) => setTimeout(resolve, RUNNING_PAUSE_MS));
      if (at === 1) await setup(quietOp(), context, { ...request, remove: false });
      const seen = existsSync(home.spoolDir) ? spooled(home.spoolDir) : [];
      if (seen.includes("PreToolUse Bash"))
        await setup(quietOp(), context, { ...request, remove: true });
    };

    const run = await runClaude(lab, promptArgs("Please count."));
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(new Set(spooled(home.spoolDir))).toEqual(
      new Set(["PreToolUse Bash", "PostToolUse Bash"]),
    );
    const commands = payloads(home.spoolDir).map((payload) => payload.tool_input.command);
    for (const at of [0, RUNNING_CALLS - 1]) expect(commands).not.toContain(`echo ${at}`);
  });
});
