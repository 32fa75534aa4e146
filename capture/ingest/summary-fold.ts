import type { CtxRecord, Fidelity } from "../model/ctx.ts";
import { stepNumber } from "../model/ids.ts";
import type { TestRun } from "../model/session.ts";
import { textHead } from "../model/text.ts";
import type { SessionFacts, Step, Tokens, TraceRecord } from "../model/trace.ts";
import { titleFrom } from "./session-title.ts";
import { testCommandIn } from "./test-commands.ts";

/** What one native file adds to `session.json`: a left fold over the records of its folds. */
export class SummaryFold {
  readonly agent: string | null;
  facts: SessionFacts = {};
  steps = 0;
  turns = 0;
  patches = 0;
  issues = 0;
  redactions = 0;
  startedAtMs: number | null = null;
  endedAtMs: number | null = null;
  readonly models = new Set<string>();
  /** First prompt that asks for something. */
  title = "";
  readonly #fidelity: Fidelity[] = [];
  /** Test commands that have no result yet, by step. */
  readonly #running = new Map<number, string>();
  /** Usage by the step that carries it. */
  readonly #usage = new Map<number, Tokens>();
  readonly #tests = new Map<number, TestRun>();
  /** Steps before this one were copied by a fork. */
  #copiedBefore = 0;

  constructor(agent: string | null) {
    this.agent = agent;
  }

  trace(record: TraceRecord): void {
    if (record.r === "session") this.facts = { ...this.facts, ...record.facts };
    else if (record.r === "step") this.#step(record.step);
    else if (record.r === "result") this.#result(record);
    else if (record.r === "usage") this.#usage.set(record.of, record.tokens);
    else if (record.r === "copied") this.#copied(record.to);
    else if (record.r === "issue") this.issues += 1;
  }

  ctx(record: CtxRecord): void {
    if (record.r === "node") this.#fidelity.push("unknown");
    if (record.r === "verdict" && record.fidelity !== undefined) {
      this.#fidelity[record.of] = record.fidelity;
    }
  }

  /** Nodes by their fidelity. */
  fidelity(): Record<Fidelity, number> {
    const counts = { exact: 0, rebuilt: 0, unknown: 0 };
    for (const fidelity of this.#fidelity) counts[fidelity] += 1;
    return counts;
  }

  /** Usage of the model calls that this file itself made. */
  tokens(): Tokens {
    const total = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    for (const [step, tokens] of this.#usage) {
      if (step < this.#copiedBefore) continue;
      total.input += tokens.input;
      total.output += tokens.output;
      total.cacheRead += tokens.cacheRead;
      total.cacheWrite += tokens.cacheWrite;
    }
    return total;
  }

  /** Test runs of this file itself, in the order of their results. */
  tests(): TestRun[] {
    return [...this.#tests].flatMap(([step, run]) => (step < this.#copiedBefore ? [] : [run]));
  }

  #step(step: Step): void {
    this.steps += 1;
    this.redactions += step.redactions;
    this.#at(step.atMs);
    if (step.tokens !== null) this.#usage.set(step.index, step.tokens);
    if (step.model !== null) this.models.add(step.model);
    if (step.kind === "prompt" && step.actor === "user") {
      this.turns += 1;
      if (this.title === "" && step.approves === null) this.title = titleFrom(textHead(step.text));
    }
    if (step.copied) this.#copied(step.index);
    if (step.kind === "command" && step.tool !== null) {
      const command = testCommandIn(commandOf(step.tool.input));
      if (command !== null) this.#running.set(step.index, command);
    }
  }

  #result(result: Extract<TraceRecord, { r: "result" }>): void {
    this.redactions += result.redactions ?? 0;
    this.#at(result.atMs);
    const command = this.#running.get(result.of);
    if (command === undefined) return;
    this.#running.delete(result.of);
    const passed = !result.error && (result.exitCode ?? 0) === 0;
    this.#tests.set(result.of, { step: stepNumber(this.agent, result.of), command, passed });
  }

  /** What a fork copied was counted where it happened. */
  #copied(to: number): void {
    this.#copiedBefore = Math.max(this.#copiedBefore, to + 1);
  }

  #at(atMs: number | null): void {
    if (atMs === null) return;
    if (this.startedAtMs === null || atMs < this.startedAtMs) this.startedAtMs = atMs;
    if (this.endedAtMs === null || atMs > this.endedAtMs) this.endedAtMs = atMs;
  }
}

function commandOf(input: unknown): string {
  if (typeof input !== "object" || input === null || !("command" in input)) return "";
  const { command } = input;
  if (typeof command === "string") return command;
  return Array.isArray(command) ? command.map(String).join(" ") : "";
}
