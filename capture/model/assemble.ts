import type { Issue } from "../base/errors.ts";
import type { RecordedEdit, SessionFacts, Step, TraceFile, TraceRecord } from "./trace.ts";

/** What the records of one `trace*.jsonl` say when they are joined. */
export interface AssembledTrace extends Omit<TraceFile, "file" | "agent"> {
  /** Native files that hold more of a step's output, by step index. */
  readonly attachments: ReadonlyMap<number, readonly string[]>;
}

/**
 * Joins the records of one fold: every step with its result, usage and branch.
 *
 * Pure and total. A record that refers to a step that is not there is passed over.
 */
export function assembleTrace(records: Iterable<TraceRecord>): AssembledTrace {
  const assembly = new TraceAssembly();
  for (const record of records) assembly.add(record);
  return assembly.trace;
}

/** The same join, one record at a time, for a file that still grows. */
export class TraceAssembly {
  readonly #steps: Step[] = [];
  readonly #edits = new Map<number, readonly RecordedEdit[]>();
  readonly #startedAgents = new Map<number, string>();
  readonly #attachments = new Map<number, readonly string[]>();
  readonly #issues: Issue[] = [];
  #facts: SessionFacts = {};

  /** What is known so far. The arrays and maps grow with further records; steps are replaced. */
  get trace(): AssembledTrace {
    return {
      facts: this.#facts,
      steps: this.#steps,
      edits: this.#edits,
      startedAgents: this.#startedAgents,
      attachments: this.#attachments,
      issues: this.#issues,
    };
  }

  add(record: TraceRecord): void {
    switch (record.r) {
      case "session":
        this.#facts = { ...this.#facts, ...record.facts };
        return;
      case "step":
        this.#steps[record.step.index] = record.step;
        return;
      case "result":
        this.#addResult(record);
        return;
      case "usage":
        this.#change(record.of, (step) => ({ ...step, tokens: record.tokens }));
        return;
      case "branch":
        this.#changeAll(record, { branch: record.branch });
        return;
      case "copied":
        this.#changeAll(record, { copied: true });
        return;
      case "issue":
        this.#issues.push(record.issue);
        return;
    }
  }

  #addResult(result: Extract<TraceRecord, { r: "result" }>): void {
    const { of } = result;
    if (!this.#change(of, (step) => withResult(step, result))) return;
    if (result.edits !== undefined) {
      this.#edits.set(of, [...(this.#edits.get(of) ?? []), ...result.edits]);
    }
    if (result.startedAgent !== undefined) this.#startedAgents.set(of, result.startedAgent);
    if (result.attachments !== undefined) {
      this.#attachments.set(of, [...(this.#attachments.get(of) ?? []), ...result.attachments]);
    }
  }

  #changeAll({ from, to }: { from: number; to: number }, change: Partial<Step>): void {
    const end = Math.min(to, this.#steps.length - 1);
    for (let index = from; index <= end; index += 1) {
      this.#change(index, (step) => ({ ...step, ...change }));
    }
  }

  #change(index: number, change: (step: Step) => Step): boolean {
    const step = this.#steps[index];
    if (step === undefined) return false;
    this.#steps[index] = change(step);
    return true;
  }
}

/** A result without output, a late word about a background call, leaves the first one standing. */
function withResult(step: Step, result: Extract<TraceRecord, { r: "result" }>): Step {
  return {
    ...step,
    endedAtMs: result.atMs,
    tool: step.tool && {
      ...step.tool,
      output: result.output ?? step.tool.output,
      error: result.error,
      exitCode: result.exitCode ?? step.tool.exitCode,
      files: result.files ?? step.tool.files,
    },
    flags: [...new Set([...step.flags, ...(result.flags ?? [])])],
    redactions: step.redactions + (result.redactions ?? 0),
  };
}
