import type { Engine, Op } from "../api.ts";
import type { Arguments } from "./arguments.ts";
import type { Io } from "./io.ts";
import type { Paper } from "./render/paper.ts";

export interface OptionSpec {
  readonly name: string;
  /** Placeholder of its value; a flag has none. */
  readonly value?: string;
  readonly what: string;
}

/** What a verb is called, takes and does: the one source of parser, help and README. */
export interface CommandSpec {
  /** One to three words, as typed behind `ot`. */
  readonly verb: string;
  readonly group: Group;
  /** Operands as the usage line shows them. */
  readonly operands: string;
  readonly operandsMin: number;
  readonly operandsMax: number;
  readonly options: readonly OptionSpec[];
  /** One line, in the imperative's third person: "lists …". */
  readonly summary: string;
  /** Further sentences for `ot help <verb>`. */
  readonly about: readonly string[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Every word behind it but a lone `--help` is an operand: it must never refuse a call. */
  readonly isVerbatim?: true;
  /** `--jsonl` prints one record a line. */
  readonly streams: boolean;
  load(): Promise<Command>;
}

export const groups = ["record", "look", "lines", "care"] as const;
export type Group = (typeof groups)[number];

export type Command = (call: Call) => Promise<Answer>;

export interface Call {
  readonly op: Op;
  readonly io: Io;
  readonly args: Arguments;
  readonly isJson: boolean;
  /** `--yes`: every question is answered. */
  readonly isYes: boolean;
  /** Opened at the first call and closed by the caller. */
  engine(): Promise<Engine>;
  /** A line for a person who waits, on stderr. */
  tell(line: string): Promise<void>;
}

/** What a verb found out; the caller prints it as JSON, as records, or for people. */
export interface Answer {
  readonly json: object;
  lines(paper: Paper): Iterable<string>;
  readonly records?: () => Iterable<object>;
  /** Takes the place of `lines` where stdout is no terminal: bytes that a program reads. */
  readonly raw?: string;
  /** Prints nothing at all. */
  readonly isSilent?: boolean;
}
