import type { Issue, IssueRule } from "../../base/errors.ts";
import type { Text } from "../../model/text.ts";
import type {
  Actor,
  RecordedEdit,
  SessionFacts,
  Step,
  StepFile,
  StepKind,
  Tokens,
  TraceRecord,
} from "../../model/trace.ts";
import type { WrittenRecord } from "../../model/trail.ts";
import type { RawLine } from "../adapter.ts";

/** What all records of one line share. */
export interface LineContext {
  readonly raw: RawLine;
  readonly uuid: string | null;
  readonly atMs: number | null;
  readonly cwd: string | null;
  /** The line belongs to a sub-agent, in whatever file it stands. */
  readonly isSidechain: boolean;
  /** Gate 1 changed this line, so that its texts may hold placeholders. */
  readonly isGated: boolean;
  readonly isCopied: boolean;
}

export interface NewStep {
  readonly kind: StepKind;
  readonly actor: Actor;
  readonly text: Text;
  readonly request?: string | null;
  readonly model?: string | null;
  readonly call?: { readonly id: string; readonly name: string; readonly input: unknown };
  readonly files?: readonly StepFile[];
  readonly flags?: readonly string[];
  readonly approves?: number | null;
}

export interface NewResult {
  readonly output: string | null;
  readonly error: boolean;
  readonly exitCode: number | null;
  readonly files?: readonly StepFile[];
  readonly edits?: readonly RecordedEdit[];
  readonly written?: readonly Written[];
  readonly flags?: readonly string[];
  readonly startedAgent?: string;
  readonly attachments?: readonly string[];
  /** Where it stands and when it came, if that is not the current line. */
  readonly line?: number;
  readonly atMs?: number | null;
}

/** What a call put into a file, before its step and time are known. */
export type Written = Pick<WrittenRecord, "path" | "by" | "parts">;

/** A tool call that was made, for whatever comes later about it. */
export interface OpenCall {
  readonly step: number;
  readonly name: string;
  readonly input: unknown;
}

/** Lines of results that came before their calls, and may wait, over a whole file. */
const heldCharsMax = 8 * 1024 * 1024;

const placeholders = /\[\[secret:[a-z0-9-]+:[0-9a-f]{6}\]\]/g;

/** Numbers the steps of one native file and writes its records. Holds no rule of the format. */
export class StepFold {
  readonly #file: { readonly path: string; readonly file: number; readonly agent: string | null };
  readonly #calls = new Map<string, OpenCall>();
  readonly #usage = new Map<string, { readonly step: number; readonly tokens: Tokens }>();
  #context: LineContext | undefined;
  readonly #held = new Map<string, () => void>();
  #heldChars = 0;
  #shell: string | undefined;
  #copiedTo = 0;
  #stepsOfLine = 0;
  #next = 0;
  #turn = -1;
  #records: TraceRecord[] = [];
  #written: WrittenRecord[] = [];
  #issues: Issue[] = [];

  constructor(file: { path: string; file: number; agent: string | null }) {
    this.#file = file;
  }

  /** Index that the next step will get. */
  get next(): number {
    return this.#next;
  }

  get context(): LineContext {
    if (this.#context === undefined) throw new Error("Broken assumption: no line was begun.");
    return this.#context;
  }

  begin(context: LineContext): void {
    // Objects that were glued together on one line come one after the other.
    if (this.#context?.raw.line !== context.raw.line) this.#stepsOfLine = 0;
    this.#context = context;
    this.#records = [];
    this.#written = [];
    this.#issues = [];
  }

  /** What is known of the line once it was read. */
  continue(context: LineContext): void {
    this.#context = context;
  }

  end(): {
    readonly trace: readonly TraceRecord[];
    readonly written: readonly WrittenRecord[];
    readonly issues: readonly Issue[];
  } {
    return { trace: this.#records, written: this.#written, issues: this.#issues };
  }

  add(step: NewStep): number {
    const { uuid, atMs, raw, isCopied } = this.context;
    const index = this.#next;
    this.#next += 1;
    if (step.kind === "prompt") this.#turn += 1;
    if (step.call !== undefined) this.#calls.set(step.call.id, { ...step.call, step: index });
    if (step.call !== undefined && step.actor === "user") this.#shell = step.call.id;
    this.#records.push({
      r: "step",
      step: {
        key: `${uuid ?? `line-${raw.line}`}/${this.#stepsOfLine}`,
        index,
        agent: this.#file.agent,
        kind: step.kind,
        actor: step.actor,
        turn: this.#turn,
        request: step.request ?? null,
        parent: null,
        atMs,
        endedAtMs: null,
        text: step.text,
        tool: toolOf(step),
        tokens: null,
        model: step.model ?? null,
        branch: "live",
        copied: isCopied,
        approves: step.approves ?? null,
        flags: step.flags ?? [],
        redactions: this.#redactions([step.text, step.call?.input]),
        source: { file: this.#file.file, line: raw.line },
      } satisfies Step,
    });
    this.#stepsOfLine += 1;
    return index;
  }

  /** Joins a result to its call; answers false if no such call was made in this file. */
  addResult(callId: string, { written = [], ...result }: NewResult): boolean {
    const call = this.#calls.get(callId);
    if (call === undefined) return false;
    // What comes later about a call needs its step, never its arguments, which may be long.
    this.#calls.set(callId, { ...call, input: undefined });
    const redactions = this.#redactions([result.output]);
    this.#records.push({
      r: "result",
      of: call.step,
      line: this.context.raw.line,
      atMs: this.context.atMs,
      ...result,
      ...(redactions > 0 ? { redactions } : {}),
    });
    const { atMs = this.context.atMs } = result;
    for (const one of written) {
      this.#written.push({ r: "written", ...one, step: call.step, atMs });
    }
    return true;
  }

  /** Joins what a person's own command printed; answers false if there was no such command. */
  addShellResult(output: string): boolean {
    const call = this.#shell;
    this.#shell = undefined;
    return call !== undefined && this.addResult(call, { output, error: false, exitCode: null });
  }

  /** Keeps a result, by the work that joins it, until its call is made; see {@link joinHeld}. */
  hold(callId: string, join: () => void): void {
    this.#heldChars += this.context.raw.text.length;
    if (this.#heldChars <= heldCharsMax) this.#held.set(callId, join);
  }

  /** Joins what came before its call. */
  joinHeld(callId: string): void {
    const join = this.#held.get(callId);
    this.#held.delete(callId);
    join?.();
  }

  call(callId: string): OpenCall | undefined {
    return this.#calls.get(callId);
  }

  /** Usage counts once a response, on its first step; a later block may know better. */
  addUsage(response: string, step: number, tokens: Tokens): void {
    const known = this.#usage.get(response);
    const of = known?.step ?? step;
    const counted = known === undefined ? tokens : larger(known.tokens, tokens);
    if (known !== undefined && equal(known.tokens, counted)) return;
    this.#usage.set(response, { step: of, tokens: counted });
    this.#records.push({ r: "usage", of, tokens: counted });
  }

  addFacts(facts: SessionFacts): void {
    this.#records.push({ r: "session", line: this.context.raw.line, facts });
  }

  abandon(from: number, to: number): void {
    this.#records.push({ r: "branch", from, to, branch: "abandoned" });
  }

  /** All steps so far turned out to be copied from another session. */
  markCopied(): void {
    const from = this.#copiedTo;
    this.#copiedTo = this.#next;
    if (from < this.#next) this.#records.push({ r: "copied", from, to: this.#next - 1 });
  }

  issue(rule: IssueRule, message: string): void {
    const { line, offset } = this.context.raw;
    this.#issues.push({ file: this.#file.path, line, offset, rule, message });
  }

  #redactions(values: readonly unknown[]): number {
    if (!this.context.isGated) return 0;
    const text = JSON.stringify(values);
    return text.match(placeholders)?.length ?? 0;
  }
}

function toolOf({ call, files }: NewStep): Step["tool"] {
  if (call === undefined) return null;
  const { id, name, input } = call;
  const outcome = { output: null, error: false, exitCode: null };
  return { name, callId: id, input, ...outcome, files: files ?? [] };
}

function larger(a: Tokens, b: Tokens): Tokens {
  return {
    input: Math.max(a.input, b.input),
    output: Math.max(a.output, b.output),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
  };
}

function equal(a: Tokens, b: Tokens): boolean {
  return (
    a.input === b.input &&
    a.output === b.output &&
    a.cacheRead === b.cacheRead &&
    a.cacheWrite === b.cacheWrite
  );
}
