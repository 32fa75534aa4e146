import { silentLogger } from "../base/log.ts";
import type { Engine, Op } from "../api.ts";
import { parseArguments, usageError } from "./arguments.ts";
import type { Answer, Call } from "./command.ts";
import { findCommand } from "./find-command.ts";
import { errorJson, errorLines, exitCodeOf, otErrorOf } from "./exit.ts";
import type { Io } from "./io.ts";
import { answerJson, jsonLine } from "./render/json.ts";
import type { Paper } from "./render/paper.ts";
import { progressOn } from "./render/progress.ts";
import { canColour, writeLines, writeTexts } from "./render/write.ts";

/** Answers one command line, prints what it found, and gives back the exit code. Never throws. */
export async function runCli(words: readonly string[], io: Io): Promise<number> {
  try {
    await answer(words, io);
    return 0;
  } catch (error) {
    const fault = otErrorOf(error);
    if (isJsonWanted(words)) await io.stdout.write(`${errorJson(fault)}\n`);
    else await writeLines(io.stderr, errorLines(fault), canColour(io, io.stderr));
    return exitCodeOf(fault);
  }
}

async function answer(words: readonly string[], io: Io): Promise<void> {
  const found = findCommand(words);
  if (found.kind === "help" || found.kind === "version") {
    const { help, versionAnswer } = await import("./commands/help.ts");
    const { isJson, verb } = found;
    const given = found.kind === "help" ? help(verb) : versionAnswer(io.version);
    await print(io, given, { verb: found.kind, isJson, isStream: false });
    return;
  }
  const { spec, rest } = found;
  const args = parseArguments(spec, rest);
  if (args.has("json") && args.has("jsonl")) {
    throw usageError(spec, "--json and --jsonl exclude each other.");
  }
  if (args.has("help")) {
    const { help } = await import("./commands/help.ts");
    await print(io, help(spec.verb), { verb: "help", isJson: args.has("json"), isStream: false });
    return;
  }
  const command = await spec.load();
  await using session = new Session(io, { isJson: args.has("json") || args.has("jsonl") });
  const call: Call = {
    op: session.op,
    io,
    args,
    isJson: session.isJson,
    isYes: args.has("yes"),
    engine: () => session.engine(),
    tell: (line) => writeLines(io.stderr, [line], canColour(io, io.stderr)),
  };
  const given = await command(call);
  session.progress.clear();
  await print(io, given, {
    verb: spec.verb,
    isJson: args.has("json"),
    isStream: args.has("jsonl"),
  });
}

/** One command's engine, signals and progress; all let go of at its end. */
class Session implements AsyncDisposable {
  readonly isJson: boolean;
  readonly op: Op;
  readonly progress: ReturnType<typeof progressOn>;
  readonly #io: Io;
  readonly #stop: Disposable;
  #engine: Promise<Engine> | undefined;

  constructor(io: Io, { isJson }: { isJson: boolean }) {
    this.#io = io;
    this.isJson = isJson;
    const controller = new AbortController();
    this.#stop = io.onStop(() => controller.abort());
    this.progress = progressOn(io.stderr, io.nowMs());
    const { progress } = this;
    this.op = {
      signal: controller.signal,
      log: silentLogger,
      progress: (done, total, what) => progress.show(io.nowMs(), { done, total, what }),
    };
  }

  engine(): Promise<Engine> {
    this.#engine ??= this.#io.openEngine();
    return this.#engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.progress.clear();
    this.#stop[Symbol.dispose]();
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }
}

async function print(
  io: Io,
  given: Answer,
  how: { readonly verb: string; readonly isJson: boolean; readonly isStream: boolean },
): Promise<void> {
  if (given.isSilent === true) return;
  if (how.isJson) return io.stdout.write(`${answerJson(how.verb, given.json)}\n`);
  if (how.isStream && given.records !== undefined) {
    return writeTexts(io.stdout, recordLines(given.records()));
  }
  if (given.raw !== undefined && !io.stdout.isTerminal) return io.stdout.write(given.raw);
  const colour = canColour(io, io.stdout);
  await writeLines(io.stdout, given.lines(paperOf(io)), colour);
}

function* recordLines(records: Iterable<object>): Generator<string> {
  for (const record of records) yield `${jsonLine(record)}\n`;
}

function paperOf(io: Io): Paper {
  const { isTerminal, columns } = io.stdout;
  return {
    isTerminal,
    columns: isTerminal ? Math.max(40, columns) : Number.POSITIVE_INFINITY,
    home: io.env["HOME"] ?? io.env["USERPROFILE"] ?? null,
  };
}

/** Known before anything is parsed, so that a wrong call under `--json` is answered in JSON. */
function isJsonWanted(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const options = end < 0 ? words : words.slice(0, end);
  return options.includes("--json") || options.includes("--jsonl");
}
