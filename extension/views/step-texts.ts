import type { Engine, Op, TraceShowAnswer } from "../../capture/api.ts";

/** Characters of each text that an expanded row shows. */
const charsMax = 20_000;
/** A longer output is shown by its head: the rest is not worth carrying over for a row. */
const wholeBytesMax = 256 * 1024;

type Step = TraceShowAnswer["steps"][number];
type Text = Step["text"];

export interface StepTexts {
  readonly text: string;
  readonly output: string | null;
  /** Characters that are not shown; about, where the text was not read whole. */
  readonly truncatedChars: number;
}

/** What an expanded row says of one step: its words and its output, cut to what a row can hold. */
export async function readStepTexts(op: Op, engine: Engine, address: string): Promise<StepTexts> {
  const brief = (await engine.showTrace(op, { address })).steps[0];
  if (brief === undefined || !needsWhole(brief)) return stepTexts(brief);
  return stepTexts((await engine.showTrace(op, { address, full: true })).steps[0] ?? brief);
}

function needsWhole({ text, tool }: Step): boolean {
  const output = tool?.output ?? null;
  const parts = output === null ? [text] : [text, output];
  return parts.some((part) => typeof part !== "string" && part.bytes <= wholeBytesMax);
}

function stepTexts(step: Step | undefined): StepTexts {
  if (step === undefined) return { text: "", output: null, truncatedChars: 0 };
  const said =
    headOf(step.text) === "" && step.tool !== null ? inputWords(step.tool.input) : step.text;
  const text = cut(said);
  const raw = step.tool?.output ?? null;
  const output = raw === null ? null : cut(raw);
  return {
    text: text.shown,
    output: output === null ? null : output.shown,
    truncatedChars: text.lost + (output?.lost ?? 0),
  };
}

function headOf(text: Text): string {
  return typeof text === "string" ? text : text.head;
}

function cut(text: Text): { readonly shown: string; readonly lost: number } {
  const head = headOf(text);
  const shown = head.slice(0, charsMax);
  const whole = typeof text === "string" ? head.length : Math.max(head.length, text.bytes);
  return { shown, lost: whole - shown.length };
}

function inputWords(input: unknown): string {
  if (typeof input !== "object" || input === null) return "";
  if ("command" in input && typeof input.command === "string") return input.command;
  return Object.entries(input)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}
