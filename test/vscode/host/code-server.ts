import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where the installed hosts are; made by `ensureHost()` of `test/support/host.mjs`. */
export interface HostPaths {
  readonly node: string;
  readonly codeServer: string;
  readonly chromium: string;
  readonly chromiumEnv: Readonly<Record<string, string>>;
}

export interface ServerOptions {
  /** The whole environment of the extension host and its terminals. Default: a scratch HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept after stop when given, so that a second server finds what the first one stored. */
  readonly userData?: string;
  readonly extensionsDir?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** 0 or absent: any free port. */
  readonly port?: number;
}

/** A running VS Code server on 127.0.0.1. `stop` waits until its processes are gone. */
export interface Server {
  readonly port: number;
  /** Scratch folder, removed by `stop`. `home` below it is the default HOME. */
  readonly scratch: string;
  readonly userData: string;
  readonly extensionsDir: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

const startMsMax = 60_000;
const stopMsMax = 4000;

// A calm window: no welcome page, no chat bar, nothing that asks or looks for updates.
const calmSettings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "git.autofetch": false,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.enabled": false,
  "editor.hover.delay": 100,
};

/** Starts a server; rejects with its log when it dies, the port is taken, or it stays silent. */
export async function startServer(paths: HostPaths, options: ServerOptions = {}): Promise<Server> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ot-host-"));
  const userData = options.userData ?? path.join(scratch, "user-data");
  const extensionsDir = options.extensionsDir ?? path.join(scratch, "extensions");
  const logFile = path.join(scratch, "code-server.log");
  writeSettings(userData, options.settings ?? {});
  writeFileSync(path.join(scratch, "config.yaml"), "auth: none\n");

  const child = spawn(
    paths.node,
    [
      paths.codeServer,
      ...serverArgs({ scratch, userData, extensionsDir, port: options.port ?? 0 }),
    ],
    { detached: true, stdio: ["ignore", "pipe", "pipe"], env: serverEnv(scratch, options.env) },
  );
  const killGroup = (): void => signalGroup(child, "SIGKILL");
  process.once("exit", killGroup);
  const stop = async (): Promise<void> => {
    await endGroup(child);
    process.off("exit", killGroup);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await portOf(child, logFile);
    return { port, scratch, userData, extensionsDir, logFile, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

function writeSettings(userData: string, settings: Readonly<Record<string, unknown>>): void {
  const file = path.join(userData, "User/settings.json");
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...calmSettings, ...settings }, null, 2));
}

interface ServerPlace {
  readonly scratch: string;
  readonly userData: string;
  readonly extensionsDir: string;
  readonly port: number;
}

function serverArgs({ scratch, userData, extensionsDir, port }: ServerPlace): string[] {
  return [
    "--auth=none",
    `--bind-addr=127.0.0.1:${port}`,
    `--user-data-dir=${userData}`,
    `--extensions-dir=${extensionsDir}`,
    // Without this it writes one into the user's home.
    `--config=${path.join(scratch, "config.yaml")}`,
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    "--disable-proxy",
    "--ignore-last-opened",
  ];
}

/** PATH and `home` as HOME, and nothing of the machine's own settings; makes the folders. */
export function hermeticEnv(home: string): Record<string, string> {
  const TMPDIR = path.join(home, "tmp");
  mkdirSync(TMPDIR, { recursive: true });
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    TMPDIR,
    // VS Code's sockets; otherwise they stay behind in the machine's temporary folder.
    XDG_RUNTIME_DIR: TMPDIR,
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    USER: "tester",
  };
}

function serverEnv(
  scratch: string,
  env: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return {
    ...(env ?? hermeticEnv(path.join(scratch, "home"))),
    // This server is not the VS Code whose terminal it may have been started from.
    VSCODE_IPC_HOOK_CLI: "",
    // No gallery: nothing is looked up outside this machine.
    EXTENSIONS_GALLERY: "{}",
  };
}

/** The port that the server says it listens on. */
function portOf(child: ChildProcess, logFile: string): Promise<number> {
  const log = createWriteStream(logFile);
  let said = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`code-server ${why}: ${said.slice(-2000)}`));
    };
    const timer = setTimeout(() => fail(`said nothing within ${startMsMax} ms`), startMsMax);
    const hear = (chunk: Buffer): void => {
      log.write(chunk);
      if (said.length > 1_000_000) return;
      said += chunk.toString();
      const port = /listening on https?:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => {
      log.end();
      fail(/EADDRINUSE/.test(said) ? "found its port taken" : `ended with ${code}`);
    });
  });
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopMsMax);
  await ended;
  clearTimeout(timer);
  // Grandchildren that ignored the first signal.
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}
