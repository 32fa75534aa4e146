import { OtError } from "../base/errors.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export const harnessIds = ["claude-code", "codex", "pi", "terminal"] as const;
export type HarnessId = (typeof harnessIds)[number];

/** `<harness>:<native id>`: names one session for good. */
export type TraceId = Branded<"TraceId">;

/** Shortest unique prefix of a native id that names a session. */
export const nativeIdPrefixCharsMin = 6;

export function traceIdOf(harness: HarnessId, nativeId: string): TraceId {
  // Safe: this is the one place where the two parts become the id.
  return `${harness}:${nativeId}` as TraceId;
}

export interface TraceIdParts {
  readonly harness: HarnessId;
  readonly nativeId: string;
}

/** Splits a full id; throws `usage` if it is not one. */
export function parseTraceId(id: string): TraceIdParts {
  const colon = id.indexOf(":");
  const harness = harnessIds.find((known) => known === id.slice(0, colon));
  const nativeId = id.slice(colon + 1);
  if (harness === undefined || nativeId === "") {
    throw new OtError("usage", `"${id}" is not a full trace id such as claude-code:<id>.`);
  }
  return { harness, nativeId };
}

/** Where a step is: `index` in the main file, or in the file of the sub-agent `agent`. */
export interface StepRef {
  readonly trace: TraceId;
  readonly agent: string | null;
  readonly index: number;
}

/** The address people type: `<trace>:<n>`, or `<trace>/<agent>:<n>` for a sub-agent's step. */
export function stepAddress(ref: StepRef): string {
  const agent = ref.agent === null ? "" : `/${ref.agent}`;
  return `${ref.trace}${agent}:${ref.index}`;
}

/** A step's number as the JSON answers carry it: a number, or `"<agent>:<n>"`. */
export type StepNumber = number | string;

export function stepNumber(agent: string | null, index: number): StepNumber {
  return agent === null ? index : `${agent}:${index}`;
}
