import type { CaptureAnswer, Engine } from "../../capture/api.ts";
import type { Io, Sink } from "../../capture/cli/io.ts";
import { runCli } from "../../capture/cli/run-cli.ts";

/** What one command line came to. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliPlace {
  readonly engine?: Engine | (() => Promise<Engine>);
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Columns of a terminal; without it nobody reads along. */
  readonly columns?: number;
  /** Answers to questions, in order; without it nobody can be asked. */
  readonly answers?: readonly string[];
  readonly nowMs?: number;
  readonly io?: Partial<Io>;
}

/** Runs a command line in this process, as `ot` would, with everything around it made up. */
export async function runOt(words: readonly string[], place: CliPlace = {}): Promise<CliRun> {
  const out = new TextSink(place.columns);
  const err = new TextSink(place.columns);
  const answers = [...(place.answers ?? [])];
  const { engine } = place;
  const code = await runCli(words, {
    env: place.env ?? {},
    cwd: place.cwd ?? "/nowhere",
    version: "0.1.0",
    stdout: out,
    stderr: err,
    ask:
      place.answers === undefined
        ? null
        : async (question) => {
            await err.write(`${question}\n`);
            return answers.shift() ?? "";
          },
    nowMs: () => place.nowMs ?? 0,
    openEngine: async () => {
      if (engine === undefined) throw new Error("No engine was expected to be opened.");
      return typeof engine === "function" ? engine() : engine;
    },
    captureLive: async (_, { onLive }) => {
      await onLive();
      return nothingTaken;
    },
    takeHook: async () => undefined,
    onStop: () => ({ [Symbol.dispose]: () => undefined }),
    ...place.io,
  });
  return { code, out: out.text, err: err.text };
}

const nothingTaken: CaptureAnswer = {
  sessions: [],
  issues: [],
  totals: { sessions: 0, steps: 0, bytes: 0, durationMs: 0 },
  spool: { events: 0, bad: 0, dropped: 0 },
};

class TextSink implements Sink {
  text = "";
  readonly isTerminal: boolean;
  readonly columns: number;

  constructor(columns: number | undefined) {
    this.isTerminal = columns !== undefined;
    this.columns = columns ?? 80;
  }

  async write(text: string): Promise<void> {
    this.text += text;
  }
}
