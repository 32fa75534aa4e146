// A real Claude Code client in a world of its own: scratch home, sample repository, scripted
// model on loopback, dummy key, nothing of the user's environment.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { createRepository, readFixture } from "../fixture.mjs";
import { CLAUDE_VERSION, installClaude } from "./claude-client.mjs";
import type { ModelScript } from "./model-script.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";

const RUN_MS_MAX = 60_000;
const DUMMY_KEY = "sk-ant-dummy-0000";

/** Every event that the client fires in the runs of these tests. */
const LOGGED_EVENTS = [
  "SessionStart",
  "SessionEnd",
  "UserPromptSubmit",
  "Stop",
  "SubagentStart",
  "SubagentStop",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PreCompact",
  "PostCompact",
];

export interface LabOptions {
  /** Default {@link CLAUDE_VERSION}. */
  readonly version?: string;
  /** The repository's path is known only when it exists; the script often names files in it. */
  readonly script: (repository: string) => ModelScript;
  /**
   * Writes the client's settings.json; by default it allows the usual tools and logs every hook
   * call into `hookFolder`.
   */
  readonly settings?: (lab: ClaudeLab) => object;
}

export interface ClaudeLab extends AsyncDisposable {
  readonly program: string;
  readonly home: string;
  /** `<home>/.claude` */
  readonly configFolder: string;
  readonly repository: string;
  /** Where the default settings log hook calls. */
  readonly hookFolder: string;
  readonly model: ModelServer;
  /** The client's whole environment; for a terminal: `env -i` with these. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ClaudeRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Installs the client if needed and prepares its world; disposing removes it. */
export async function openClaudeLab(options: LabOptions): Promise<ClaudeLab> {
  const program = await installClaude(options.version ?? CLAUDE_VERSION);
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-agent-")));
  const home = path.join(root, "home");
  const configFolder = path.join(home, ".claude");
  const repository = path.join(root, "shop");
  const hookFolder = path.join(root, "hooks");
  const temporary = path.join(root, "tmp");
  for (const folder of [configFolder, hookFolder, temporary]) {
    mkdirSync(folder, { recursive: true });
  }
  createRepository(readFixture("simple-fix"), repository);
  const model = await startModelServer(options.script(repository));
  const lab: ClaudeLab = {
    program,
    home,
    configFolder,
    repository,
    hookFolder,
    model,
    environment: environmentOf({ home, temporary, url: model.url }),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  const settings = options.settings?.(lab) ?? loggingSettings(lab);
  writeFileSync(path.join(configFolder, "settings.json"), JSON.stringify(settings, null, 2));
  writeFileSync(path.join(home, ".claude.json"), JSON.stringify(greetedState(repository)));
  return lab;
}

/** What the client remembers once a person has gone through its first questions. */
function greetedState(repository: string): object {
  const project = {
    hasTrustDialogAccepted: true,
    hasCompletedProjectOnboarding: true,
    projectOnboardingSeenCount: 3,
  };
  return {
    hasCompletedOnboarding: true,
    theme: "dark",
    numStartups: 3,
    customApiKeyResponses: { approved: [DUMMY_KEY], rejected: [] },
    projects: { [repository]: project },
  };
}

function environmentOf(place: { home: string; temporary: string; url: string }) {
  return {
    HOME: place.home,
    // npm and node for the commands that the model runs.
    PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TMPDIR: place.temporary,
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    USER: "jane",
    GIT_CONFIG_NOSYSTEM: "1",
    npm_config_update_notifier: "false",
    ANTHROPIC_BASE_URL: place.url,
    ANTHROPIC_API_KEY: DUMMY_KEY,
    // Whatever is not the model goes to the model server too, which refuses and counts it.
    HTTPS_PROXY: place.url,
    NO_PROXY: "127.0.0.1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  };
}

/** Permissions as the default settings have them, for settings that bring their own hooks. */
export const LAB_PERMISSIONS = { allow: ["Bash", "Read", "Edit", "Write", "Agent"] } as const;

/** Settings whose hooks write each payload to a file of its own and print nothing. */
function loggingSettings({ hookFolder }: ClaudeLab): object {
  const script = path.join(hookFolder, "log.sh");
  const body = `#!/bin/sh\ncat > "${hookFolder}/$(date +%s)-$$.json"\nexit 0\n`;
  writeFileSync(script, body);
  chmodSync(script, 0o755);
  const group = [{ hooks: [{ type: "command", command: script }] }];
  const hooks = Object.fromEntries(LOGGED_EVENTS.map((name) => [name, group]));
  return { permissions: LAB_PERMISSIONS, hooks };
}

/** Arguments of one prompt without a terminal, in the pace and output tests want. */
export function promptArgs(prompt: string, more: readonly string[] = []): string[] {
  const output = ["--output-format", "stream-json", "--verbose"];
  return ["-p", prompt, ...more, ...output, "--permission-mode", "acceptEdits"];
}

/**
 * One line for a POSIX shell that starts the client in its world, whatever that shell's own
 * environment is. Without arguments the client is interactive, past its first questions.
 */
export function terminalCommand(lab: ClaudeLab, args: readonly string[] = []): string {
  const variables = Object.entries(lab.environment).map(([name, value]) => `${name}=${value}`);
  const words = ["env", "-i", ...variables, lab.program, ...args];
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return `cd '${lab.repository}' && ${quoted.join(" ")}`;
}

/** Runs the client in the repository to its end. Rejects when it takes over a minute. */
export function runClaude(lab: ClaudeLab, args: readonly string[]): Promise<ClaudeRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(lab.program, args, {
      cwd: lab.repository,
      env: lab.environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: RUN_MS_MAX,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += String(chunk)));
    child.stderr.on("data", (chunk) => (stderr += String(chunk)));
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      if (signal === null) resolve({ exitCode, stdout, stderr });
      else reject(new Error(`the client was ended by ${signal}: ${stderr.slice(-500)}`));
    });
  });
}

/** Absolute paths of the transcripts the client wrote, sub-agents' included, sorted. */
export function transcriptsOf({ configFolder }: ClaudeLab): string[] {
  const projects = path.join(configFolder, "projects");
  if (!existsSync(projects)) return [];
  return readdirSync(projects, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => path.join(projects, name));
}

/** The hook payloads that the default settings logged, in the order of their calls' ends. */
export function loggedHooks({ hookFolder }: ClaudeLab): Record<string, unknown>[] {
  const logged = readdirSync(hookFolder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(hookFolder, name))
    .map((file) => ({ file, at: statSync(file, { bigint: true }).mtimeNs }));
  logged.sort((a, b) => (a.at < b.at ? -1 : 1));
  return logged.map(({ file }) => JSON.parse(readFileSync(file, "utf8")));
}
