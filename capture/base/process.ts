import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { open, stat } from "node:fs/promises";

import { OtError } from "./errors.ts";
import { type Op, throwIfCancelled } from "./op.ts";

/** How much of a child's stderr is kept: enough to name the fault, never a flood. */
const stderrBytesMax = 16 * 1024;
const timeoutMsDefault = 60_000;
const outputBytesMaxDefault = 64 * 1024 * 1024;

export interface RunRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly env: NodeJS.ProcessEnv;
  readonly stdin?: Buffer | string;
  readonly timeoutMs?: number;
  /** Longer output ends the child and throws `limit-exceeded`. */
  readonly outputBytesMax?: number;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** First 16 KiB, decoded as UTF-8. */
  readonly stderr: string;
}

/** Variables that a child needs to find its programs, its home and its temporary folder. */
const inherited = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  "APPDATA",
  "LOCALAPPDATA",
  "ComSpec",
  "PATHEXT",
];

/** The few inherited variables a child may see, and `extra` on top. */
export function cleanEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/**
 * Runs a program to its end, without a shell.
 *
 * A non-zero exit is a result, not an error. Throws `not-found` if the program or the folder is
 * missing, `cancelled`, and `limit-exceeded` for too much time or output.
 */
export async function run(op: Op, request: RunRequest): Promise<RunResult> {
  throwIfCancelled(op);
  const timeoutMs = request.timeoutMs ?? timeoutMsDefault;
  const outputBytesMax = request.outputBytesMax ?? outputBytesMaxDefault;
  using child = startChild(request);
  let fault: OtError | undefined;
  const fail = (code: "cancelled" | "limit-exceeded", message: string): void => {
    fault ??= new OtError(code, message);
    child.kill();
  };
  const onAbort = (): void => fail("cancelled", `${request.command} was cancelled.`);
  op.signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => fail("limit-exceeded", `${request.command} took longer than ${timeoutMs} ms.`),
    timeoutMs,
  );

  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.onStdout((chunk) => {
    sizeBytes += chunk.length;
    if (sizeBytes > outputBytesMax) {
      fail("limit-exceeded", `${request.command} wrote more than ${outputBytesMax} bytes.`);
    } else {
      chunks.push(chunk);
    }
  });
  try {
    child.end(request.stdin);
    const { exitCode } = await child.exited;
    if (fault !== undefined) throw fault;
    return { exitCode, stdout: Buffer.concat(chunks), stderr: child.stderrHead() };
  } finally {
    clearTimeout(timer);
    op.signal.removeEventListener("abort", onAbort);
  }
}

/** A running program. Disposing it ends it. */
export interface Child extends Disposable {
  readonly pid: number | undefined;
  /** Resolves after the streams are drained; rejects with `not-found` if it could not start. */
  readonly exited: Promise<{ readonly exitCode: number }>;
  onStdout(listener: (chunk: Buffer) => void): void;
  stderrHead(): string;
  /** Resolves when the pipe takes more. Faults of the pipe show in `exited`, never here. */
  write(bytes: Buffer | string): Promise<void>;
  /** Closes stdin, after `bytes` if given. */
  end(bytes?: Buffer | string): void;
  /** Whether the child keeps this process alive; it does until told otherwise. */
  hold(alive: boolean): void;
  kill(): void;
}

/** Starts a program that is talked to over its pipes for as long as it is needed. */
export function startChild(request: Pick<RunRequest, "command" | "args" | "cwd" | "env">): Child {
  const child = spawn(request.command, [...request.args], {
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    env: request.env,
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const { stdin, stdout, stderr } = child;
  const head: Buffer[] = [];
  let headBytes = 0;
  stderr.on("data", (chunk: Buffer) => {
    if (headBytes < stderrBytesMax) head.push(chunk.subarray(0, stderrBytesMax - headBytes));
    headBytes += chunk.length;
  });
  // EPIPE and the like: the exit code and stderr say more than the broken pipe does.
  stdin.on("error", () => undefined);

  const exited = whenExited(child, request);
  // Whoever waits gets the rejection; nobody is obliged to wait.
  exited.catch(() => undefined);
  const kill = (): void => void child.kill("SIGKILL");
  return {
    pid: child.pid,
    exited,
    onStdout: (listener) => void stdout.on("data", listener),
    stderrHead: () => Buffer.concat(head).toString("utf8"),
    write: (bytes) =>
      new Promise((resolve) => {
        if (stdin.destroyed) return resolve();
        stdin.write(bytes, () => resolve());
      }),
    end: (bytes) => void (bytes === undefined ? stdin.end() : stdin.end(bytes)),
    hold: (alive) => hold(child, alive),
    kill,
    [Symbol.dispose]: kill,
  };
}

function whenExited(
  child: ChildProcess,
  request: Pick<RunRequest, "command" | "cwd">,
): Promise<{ exitCode: number }> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(notStarted(request, cause)));
    child.once("close", (code) => resolve({ exitCode: code ?? 128 }));
  });
}

/** A missing folder and a missing program give the same ENOENT; the person must know which. */
function notStarted(request: Pick<RunRequest, "command" | "cwd">, cause: Error): OtError {
  if (request.cwd !== undefined && statSync(request.cwd, { throwIfNoEntry: false }) === undefined) {
    return new OtError("not-found", `The folder ${request.cwd} does not exist.`, { cause });
  }
  return new OtError("not-found", `${request.command} could not be started.`, {
    hint: `Install ${request.command}, or put it on PATH.`,
    cause,
  });
}

function hold(child: ChildProcess, alive: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    if (isHolding(handle)) handle[alive ? "ref" : "unref"]();
  }
}

/** Pipes of a child are sockets, which can let go of the event loop; the type does not say so. */
function isHolding(handle: unknown): handle is { ref(): void; unref(): void } {
  return typeof handle === "object" && handle !== null && "ref" in handle && "unref" in handle;
}

export interface DetachedRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Gets both outputs, appended; begun anew above {@link logBytesMax}. */
  readonly logFile: string;
}

const logBytesMax = 1024 * 1024;

export interface DetachedProcess {
  readonly pid: number | undefined;
  /** Null while it runs. */
  exitCode(): number | null;
}

/** Starts a program that outlives this one. Throws what opening its log throws. */
export async function startDetached(request: DetachedRequest): Promise<DetachedProcess> {
  const size = await stat(request.logFile).then(
    (found) => found.size,
    () => 0,
  );
  await using log = await open(request.logFile, size > logBytesMax ? "w" : "a", 0o600);
  const child = spawn(request.command, [...request.args], {
    cwd: request.cwd,
    env: request.env,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    windowsHide: true,
  });
  let exitCode: number | null = null;
  child.once("error", () => (exitCode = 127));
  child.once("exit", (code) => (exitCode = code ?? 128));
  child.unref();
  return { pid: child.pid, exitCode: () => exitCode };
}
