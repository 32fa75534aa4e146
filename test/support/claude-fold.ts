import type { Issue } from "../../capture/base/errors.ts";
import type { NativeFileRef } from "../../capture/harness/adapter.ts";
import { claudeCode } from "../../capture/harness/claude-code/adapter.ts";
import { type AssembledTrace, assembleTrace } from "../../capture/model/assemble.ts";
import type { CtxRecord } from "../../capture/model/ctx.ts";
import type { LineVerdict } from "../../capture/model/session.ts";
import type { TraceRecord } from "../../capture/model/trace.ts";

export interface FoldedFile {
  readonly records: readonly TraceRecord[];
  readonly trace: AssembledTrace;
  readonly ctx: readonly CtxRecord[];
  readonly issues: readonly Issue[];
  readonly verdicts: readonly LineVerdict[];
}

export interface FoldOptions {
  readonly ref?: Partial<NativeFileRef>;
  readonly root?: string | null;
  /** Changes a line after it was observed, as the gate does. */
  readonly gate?: (line: string) => string;
}

/** Runs lines through the observer and the decoder, as ingest does it without its disk. */
export function foldLines(lines: readonly string[], options: FoldOptions = {}): FoldedFile {
  const session = "00000000-0000-4000-8000-000000000001";
  const file: NativeFileRef = {
    harness: "claude-code",
    nativeId: session,
    agent: null,
    path: `/home/dev/.claude/projects/-shop/${session}.jsonl`,
    ...options.ref,
  };
  const decoder = claudeCode.openDecoder({ ...file, file: 0, root: options.root ?? null });
  const observer = claudeCode.openObserver();
  const records: TraceRecord[] = [];
  const ctx: CtxRecord[] = [];
  const issues: Issue[] = [];
  const verdicts: LineVerdict[] = [];
  let offset = 0;
  for (const [index, raw] of lines.entries()) {
    const bytes = Buffer.from(raw);
    const found = observer.observe(bytes);
    const text = options.gate?.(raw) ?? raw;
    const decoded = decoder.decode(
      { line: index + 1, offset, text },
      {
        o: offset,
        l: bytes.length,
        g: 0,
        h: "",
        v: found,
        ...(text === raw ? {} : { s: "gated" }),
      },
    );
    offset += bytes.length + 1;
    verdicts.push(...found);
    records.push(...decoded.trace);
    ctx.push(...decoded.ctx);
    issues.push(...decoded.issues);
  }
  return { records, trace: assembleTrace(records), ctx, issues, verdicts };
}
