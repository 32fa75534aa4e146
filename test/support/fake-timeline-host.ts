// A host for the timeline's page: answers from rows that a test gives, and keeps what was asked.
import type {
  EmptyState,
  Reveal,
  StepRow,
  TimelineContract,
  TimelineFilter,
  TimelineHead,
  TimelineRow,
} from "../../webview/protocol/timeline.ts";
import { connectHost, type Host } from "../../webview/shared/host.ts";
import type { ToHost, ToWebview } from "../../webview/protocol/contract.ts";

const atMs = Date.UTC(2026, 0, 5, 12, 41, 3);

type Shown = readonly TimelineRow[] | { readonly why: EmptyState; readonly message: string | null };

export interface FakeOptions {
  readonly saved?: unknown;
  readonly head?: Partial<TimelineHead>;
}

export function fakeHost(rows: Shown, options: FakeOptions = {}): FakeHost {
  return new FakeHost(rows, options);
}

export class FakeHost {
  readonly host: Host<TimelineContract>;
  /** Requests in order, without those for rows or to save. */
  readonly asked: { readonly method: string; readonly params: unknown }[] = [];
  #rows: Shown;
  #head: Partial<TimelineHead>;
  #version = 1;
  #reveal: Reveal | null = null;
  #failure: string | null = null;
  #rowFailures = 0;
  #saved: unknown;
  #tell: (message: ToWebview) => void = () => undefined;

  constructor(rows: Shown, { saved, head = {} }: FakeOptions) {
    this.#rows = rows;
    this.#head = head;
    this.#saved = saved;
    this.host = connectHost<TimelineContract>({
      postMessage: (message) => this.#hear(message),
      onMessage: (listener) => (this.#tell = listener),
      getState: () => this.#saved,
      setState: (state) => (this.#saved = structuredClone(state)),
    });
  }

  /** What the page saved; given to the next one. */
  saved(): unknown {
    return this.#saved;
  }

  /** Shows other rows from now on, as a session that grew does. */
  show(rows: Shown): void {
    this.#rows = rows;
    this.#version++;
    this.#changed();
  }

  reveal(reveal: Reveal | null): void {
    this.#reveal = reveal;
    this.#changed();
  }

  /** Answers `start` with a failure from now on; with null, as before. */
  fail(message: string | null): void {
    this.#failure = message;
    this.#changed();
  }

  /** Fails so many requests for rows from now on. */
  failRows(count: number): void {
    this.#rowFailures = count;
  }

  #changed(): void {
    this.#tell({ type: "event", event: "changed", payload: {} });
  }

  #hear(message: ToHost): void {
    if (message.type === "cancel") return;
    const { id, method, params } = message;
    if (method !== "rows" && method !== "save") this.asked.push({ method, params });
    queueMicrotask(() => {
      try {
        // Safe: each method reads only the params that the page sends with it.
        this.#tell({ type: "answer", id, value: this.#answer(method, params as never) });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        this.#tell({ type: "failure", id, failure: { code: "failed", message: said, hint: null } });
      }
    });
  }

  #answer(method: string, params: never): unknown {
    switch (method) {
      case "start":
        return this.#start(params);
      case "rows": {
        if (this.#rowFailures-- > 0) throw new Error("The rows are not there.");
        const { from, count }: { from: number; count: number } = params;
        const kept = isRows(this.#rows) ? filtered(this.#rows, params) : [];
        return { version: this.#version, from, rows: kept.slice(from, from + count) };
      }
      case "stepText":
        return { text: "said", output: "not ok 1 <b>bold</b> \u001b[31m", truncatedChars: 0 };
      case "stepDiff":
        return { html: "<div class='d2h-wrapper'>+ one line</div>", files: 1, moreLines: 0 };
      default:
        return null;
    }
  }

  #start(view: { readonly filter: TimelineFilter; readonly query: string }): unknown {
    if (this.#failure !== null) throw new Error(this.#failure);
    if (!isRows(this.#rows)) return { state: "empty", ...this.#rows };
    const head = { ...headOf(filtered(this.#rows, view), this.#version), ...this.#head };
    return { state: "ready", head, reveal: this.#reveal };
  }
}

function isRows(shown: Shown): shown is readonly TimelineRow[] {
  return Array.isArray(shown);
}

function filtered(
  rows: readonly TimelineRow[],
  { filter, query }: { readonly filter: TimelineFilter; readonly query: string },
): readonly TimelineRow[] {
  return rows.filter((row) => {
    if (query !== "" && !JSON.stringify(row).includes(query)) return false;
    if (filter === "all" || row.type === "turn") return true;
    if (row.type !== "step") return false;
    if (filter === "edits") return row.kind === "edit";
    return filter === "commands" ? row.kind === "command" : row.failed;
  });
}

function headOf(rows: readonly TimelineRow[], version: number): TimelineHead {
  return {
    trace: "claude-code:one",
    title: "Fix the discount in src/cart.js",
    harness: "claude-code",
    model: "claude-opus-5-5",
    startedAtMs: atMs,
    endedAtMs: atMs + 360_000,
    live: false,
    contextTokens: 58_000,
    counts: { all: rows.length, edits: 4, commands: 5, failed: 2 },
    points: [],
    marks: [],
    outcome: "1 commit · tests green",
    version,
    rowCount: rows.length,
    stepCount: rows.length,
    turnRows: rows.flatMap((row, i) => (row.type === "turn" ? [i] : [])),
  };
}

export function turnRow(number: number, text: string, step = number * 100): TimelineRow {
  return {
    type: "turn",
    id: `t${number}`,
    turn: number,
    step,
    text,
    atMs,
    steps: 3,
    tokens: { input: 41_000, output: 1_200 },
    running: false,
    copied: false,
    abandoned: false,
    approves: null,
    redactions: 0,
  };
}

export function stepRow(step: number, label: string, more: Partial<StepRow> = {}): StepRow {
  return {
    type: "step",
    id: `s${step}`,
    turn: 0,
    step,
    kind: "command",
    label,
    detail: null,
    path: null,
    atMs,
    durationMs: 2_100,
    running: false,
    failed: false,
    exitCode: null,
    added: null,
    deleted: null,
    fate: null,
    redactions: 0,
    dimmed: false,
    ...more,
  };
}

export function foldRow(id: string, children: readonly StepRow[]): TimelineRow {
  return {
    type: "fold",
    id,
    turn: 0,
    kind: "read",
    label: `Read ${children.length} files`,
    detail: children.map(({ label }) => label).join(", "),
    count: children.length,
    added: null,
    deleted: null,
    fate: null,
    failed: 0,
    redactions: 0,
    children,
  };
}
