import { inlineTextBytesMax, type BlobText, type Text } from "../model/text.ts";
import type { RecordedEdit, TraceRecord } from "../model/trace.ts";
import type { BlobWriter } from "../bucket/blobs.ts";
import { liftedPattern } from "./lift.ts";

/** Puts every text of the folds that is too long to stand inline into the unit's blobs. */
export class Externaliser {
  readonly #blobs: BlobWriter;
  /** Lifted strings of this file by marker: a later record may still carry one. */
  readonly #lifted = new Map<string, BlobText>();

  constructor(blobs: BlobWriter) {
    this.#blobs = blobs;
  }

  addLifted(lifted: ReadonlyMap<string, BlobText>): void {
    for (const [marker, text] of lifted) this.#lifted.set(marker, text);
  }

  text(text: Text): Text {
    if (typeof text !== "string") return text;
    if (text.length * 3 <= inlineTextBytesMax) return this.#unlifted(text);
    const isShort = Buffer.byteLength(text, "utf8") <= inlineTextBytesMax;
    return isShort ? text : this.#blobs.putText(text);
  }

  /** Every long string within a JSON value. */
  value(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.value(item)]));
  }

  record(record: TraceRecord): TraceRecord {
    if (record.r === "step") {
      const { step } = record;
      const tool =
        step.tool === null
          ? null
          : {
              ...step.tool,
              input: this.value(step.tool.input),
              output: step.tool.output === null ? null : this.text(step.tool.output),
            };
      return { r: "step", step: { ...step, text: this.text(step.text), tool } };
    }
    if (record.r === "result") {
      const output = record.output === null ? null : this.text(record.output);
      if (record.edits === undefined) return { ...record, output };
      return { ...record, output, edits: record.edits.map((edit) => this.#edit(edit)) };
    }
    return record;
  }

  #edit(edit: RecordedEdit): RecordedEdit {
    return {
      ...edit,
      ...(typeof edit.before === "string" ? { before: this.text(edit.before) } : {}),
      ...(typeof edit.after === "string" ? { after: this.text(edit.after) } : {}),
    };
  }

  #unlifted(text: string): Text {
    // The pattern alone is no proof: only a marker that was made here is one.
    return liftedPattern.test(text) ? (this.#lifted.get(text) ?? text) : text;
  }
}
