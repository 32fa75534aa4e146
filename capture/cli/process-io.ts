import { isErrno, OtError } from "../base/errors.ts";
import { version } from "../base/version.ts";
import type { Io, Sink } from "./io.ts";
import { isAutomatic } from "./render/write.ts";

const columnsDefault = 80;

/** The real process; what is heavy is loaded when a verb asks for it. */
export function processIo(): Io {
  const { env } = process;
  return {
    env,
    get cwd() {
      return workFolder();
    },
    version,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    ask: canAsk() ? ask : null,
    nowMs: () => Date.now(),
    openEngine: async () => (await door()).openLocalEngine(),
    captureLive: async (op, events) => (await door()).captureLive(op, events),
    takeHook: async (call) => (await door()).takeHook(call),
    onStop,
  };
}

/** A shell can stand in a folder that was removed: no file can be named from there. */
function workFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!isErrno(error, "ENOENT", "EACCES")) throw error;
    throw new OtError("not-found", "The folder that you are in is gone.", {
      hint: "Go to another one first.",
    });
  }
}

function door() {
  return import("./engine-door.ts");
}

/**
 * A reader that has gone away (`ot trace list | head -1`) ends the program without a word; an
 * output that cannot be written for another reason, such as a full disk, ends it with one.
 */
export function endOnBrokenOutput(): void {
  process.stderr.on("error", () => process.exit(1));
  process.stdout.on("error", (error) => {
    if (isErrno(error, "EPIPE", "EOF", "ECONNRESET")) process.exit(0);
    process.stderr.write(`ot: The output could not be written: ${error.message}.\n`);
    process.exit(1);
  });
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    isTerminal: stream.isTTY === true,
    // A terminal that does not know its size says 0.
    columns: Math.max(0, stream.columns ?? 0) || columnsDefault,
    write: (text) =>
      new Promise((resolve) => {
        if (stream.destroyed) return resolve();
        stream.write(text, () => resolve());
      }),
  };
}

function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !isAutomatic(process.env);
}

/** The question goes to stderr: stdout is for answers. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question);
  } finally {
    prompt.close();
  }
}

/** The first signal asks the verb to end, a second one ends the process. */
function onStop(listener: () => void): Disposable {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = (): void => {
    letGo();
    listener();
  };
  const letGo = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return { [Symbol.dispose]: letGo };
}
