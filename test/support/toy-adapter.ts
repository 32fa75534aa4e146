import { basename } from "node:path";
import type {
  Decoded,
  FileDecoder,
  HarnessAdapter,
  NativeFileRef,
} from "../../capture/harness/adapter.ts";
import type { Step, TraceRecord } from "../../capture/model/trace.ts";

/**
 * An agent that exists for tests of ingest only: one step a line, no zod, nothing clever.
 *
 * Lines: `{"uuid", "timestamp", "cwd"?, "say"?: text, "edit"?: {path, before, after}}`.
 */
export function toyAdapter(root: string): HarnessAdapter {
  return {
    id: "terminal",
    roots: () => [root],
    classify(path): NativeFileRef | null {
      const match = /^([\w-]+?)(?:\.agent-(\w+))?\.jsonl$/.exec(basename(path));
      if (!path.startsWith(`${root}/`) || match?.[1] === undefined) return null;
      return { harness: "terminal", nativeId: match[1], agent: match[2] ?? null, path };
    },
    recognise(path, firstLines) {
      const session = /"toy":"([\w-]+)"/.exec(firstLines[0] ?? "")?.[1];
      return session === undefined
        ? null
        : { harness: "terminal", nativeId: session, agent: null, path };
    },
    companions: (file) =>
      file.agent === null ? [] : [file.path.replace(/\.jsonl$/, ".meta.json")],
    companionFacts: (text) => ({ agentType: text.trim() }),
    openDecoder: (file) => new ToyDecoder(file),
    openObserver() {
      let lines = 0;
      return {
        observe(line) {
          lines += 1;
          return line.includes('"count"') ? [{ check: "count", of: String(lines), ok: true }] : [];
        },
      };
    },
  };
}

type ToyFile = NativeFileRef & { readonly file: number; readonly root: string | null };

interface ToyLine {
  readonly uuid?: string;
  readonly timestamp?: string;
  readonly cwd?: string;
  readonly say?: unknown;
  readonly edit?: {
    readonly path: string;
    readonly before: string | null;
    readonly after: string | null;
  };
}

class ToyDecoder implements FileDecoder {
  readonly #file: ToyFile;
  #steps = 0;

  constructor(file: ToyFile) {
    this.#file = file;
  }

  decode(line: { readonly line: number; readonly text: string }): Decoded {
    // Safe: only tests write these lines.
    const value = JSON.parse(line.text) as ToyLine;
    const index = this.#steps;
    this.#steps += 1;
    const atMs = value.timestamp === undefined ? null : Date.parse(value.timestamp);
    const trace: TraceRecord[] = [];
    if (value.cwd !== undefined) {
      trace.push({ r: "session", line: line.line, facts: { cwd: value.cwd } });
    }
    trace.push({ r: "step", step: this.#step(value, { index, line: line.line, atMs }) });
    if (value.edit !== undefined) {
      const { before, after } = value.edit;
      const op = before === null ? "create" : after === null ? "delete" : "modify";
      const outcome = { output: "done", error: false, exitCode: null } as const;
      const edits = [{ op, ...value.edit }] as const;
      trace.push({ r: "result", of: index, line: line.line, atMs, ...outcome, edits });
    }
    return { trace, ctx: [], written: [], issues: [] };
  }

  #step(
    { uuid, say, edit }: ToyLine,
    { index, line, atMs }: { index: number; line: number; atMs: number | null },
  ): Step {
    const { file, agent, root } = this.#file;
    const isEdit = edit !== undefined;
    return {
      key: uuid ?? String(index),
      index,
      agent,
      kind: isEdit ? "edit" : "prompt",
      actor: isEdit ? "agent" : "user",
      turn: 0,
      request: null,
      parent: null,
      atMs,
      endedAtMs: null,
      text: say === undefined ? "" : typeof say === "string" ? say : JSON.stringify(say),
      tool: isEdit ? toolOf(edit, { index, path: `${root ?? "?"}:${edit.path}` }) : null,
      tokens: null,
      model: null,
      branch: "live",
      copied: false,
      approves: null,
      flags: [],
      redactions: 0,
      source: { file, line },
    };
  }
}

function toolOf(input: unknown, { index, path }: { index: number; path: string }): Step["tool"] {
  const outcome = { output: null, error: false, exitCode: null };
  const files = [{ path, op: "modify" }] as const;
  return { name: "Edit", callId: `call-${index}`, input, ...outcome, files };
}
