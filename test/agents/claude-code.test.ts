import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

import { projectSlug, recordedGit } from "../support/fixture.mjs";
import {
  CLAUDE_VERSION,
  installClaude,
  OLD_CLAUDE_VERSION,
} from "../support/agent-lab/claude-client.mjs";
import {
  type ClaudeLab,
  loggedHooks,
  openClaudeLab,
  promptArgs,
  runClaude,
  terminalCommand,
  transcriptsOf,
} from "../support/agent-lab/claude-lab.ts";
import type { ModelScript } from "../support/agent-lab/model-script.ts";

const INSTALL_MS_MAX = 280_000;
const SESSION = "44444444-aaaa-4aaa-8aaa-000000000001";
const PROMPT = "The discount test fails. Please fix it.";
const FIXED_LINE = "  return cents(sum * (1 - discountPercent / 100));";

/** Reads the cart, mends it, writes a changelog and commits: four calls, five requests. */
function fixTheCart(repository: string): ModelScript {
  const file = (name: string) => path.join(repository, name);
  const edit = {
    file_path: file("src/cart.js"),
    old_string: "  return cents(sum - discountPercent);",
    new_string: FIXED_LINE,
  };
  const note = { file_path: file("CHANGELOG.md"), content: "# Changelog\n\n- Fix the discount.\n" };
  const commit = {
    command: 'git add -A && git commit -q -m "Fix the discount"',
    description: "Commit",
  };
  return {
    main: [
      {
        thinking: "I should look first.",
        text: "Reading the cart.",
        tools: [{ name: "Read", input: { file_path: file("src/cart.js") } }],
      },
      { text: "The discount is absolute.", tools: [{ name: "Edit", input: edit }] },
      { tools: [{ name: "Write", input: note }] },
      { tools: [{ name: "Bash", input: commit }] },
      { text: "Fixed and committed." },
    ],
  };
}

function recordsOf(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function typesOf(lab: ClaudeLab): Set<unknown> {
  const records = transcriptsOf(lab).flatMap(recordsOf);
  return new Set(records.map((record) => record["type"]));
}

describe.each([CLAUDE_VERSION, OLD_CLAUDE_VERSION])("Claude Code %s, offline", (version) => {
  beforeAll(async () => {
    await installClaude(version);
  }, INSTALL_MS_MAX);

  test("works through a script, writes its transcript and fires its hooks", async () => {
    await using lab = await openClaudeLab({ version, script: fixTheCart });
    const run = await runClaude(lab, promptArgs(PROMPT, ["--session-id", SESSION]));
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });

    const slug = projectSlug(lab.repository);
    const expected = path.join(lab.configFolder, "projects", slug, `${SESSION}.jsonl`);
    expect(transcriptsOf(lab)).toEqual([expected]);
    const dialogues = lab.model.requests.map(({ dialogue }) => dialogue);
    expect(dialogues.filter((name) => name === "main")).toHaveLength(5);
    expect(typesOf(lab).has("api-request")).toBe(version === CLAUDE_VERSION);

    const calls = loggedHooks(lab).map((call) =>
      [call["hook_event_name"], call["tool_name"]].filter(Boolean).join(" "),
    );
    expect(calls).toEqual([
      "SessionStart",
      "UserPromptSubmit",
      ...["Read", "Edit", "Write", "Bash"].flatMap((tool) => [
        `PreToolUse ${tool}`,
        `PostToolUse ${tool}`,
      ]),
      "Stop",
      "SessionEnd",
    ]);

    expect(readFileSync(path.join(lab.repository, "src/cart.js"), "utf8")).toContain(FIXED_LINE);
    expect(recordedGit(lab.repository, ["log", "-1", "--format=%s"])).toBe("Fix the discount");
    expect(recordedGit(lab.repository, ["status", "--porcelain"])).toBe("");
  });

  test("starts from any shell by one line", async () => {
    await using lab = await openClaudeLab({
      version,
      script: () => ({ main: [{ text: "It's me." }] }),
    });
    const line = terminalCommand(lab, promptArgs("Who's there?"));
    // The client waits for more of the prompt on a stdin that stays open.
    const command = `${line} < /dev/null`;
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { env: {}, cwd: "/" });
    expect(stdout).toContain("It's me.");
    expect(transcriptsOf(lab)).toHaveLength(1);
  });

  test("reaches for nothing but the model", async () => {
    await using lab = await openClaudeLab({
      version,
      script: () => ({ main: [{ text: "Hello." }] }),
    });
    const run = await runClaude(lab, promptArgs("Say hello."));
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("Hello.");
    expect(lab.model.refused).toEqual([]);
  });
});
