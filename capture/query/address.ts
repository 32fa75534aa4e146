import { OtError } from "../base/errors.ts";

/** What an address selects: everything, one step, the last one, or a range with both ends. */
export type Selection =
  | { readonly kind: "all" }
  | { readonly kind: "step"; readonly index: number }
  | { readonly kind: "last" }
  | { readonly kind: "range"; readonly from: number; readonly to: number };

export interface Address {
  /** Full id or prefix, as typed. */
  readonly trace: string;
  /** Sub-agent, or null for the main file. */
  readonly agent: string | null;
  readonly selection: Selection;
}

const selector = /^(?<trace>.*):(?:(?<from>\d+)(?:-(?<to>\d+))?|(?<last>last))$/u;

/**
 * Takes `<trace>`, `<trace>:<n>`, `<trace>:last`, `<trace>:A-B` apart, each with `/<agent>`
 * behind the trace for a sub-agent. Throws `usage` for an empty trace or an inverted range.
 */
export function parseAddress(text: string): Address {
  const groups = selector.exec(text)?.groups;
  // `codex:123456` is a full id whose native part looks like a number, not step 123456 of "codex".
  const isSelected = groups !== undefined && !/^[a-z-]+$/u.test(groups["trace"] ?? "");
  const { trace, agent } = splitAgent(isSelected ? (groups["trace"] ?? "") : text);
  // The colon behind a harness is the only one that is not for steps.
  if (!isSelected && trace.includes(":") && !/^[a-z-]+:[^:]*$/u.test(trace)) {
    throw new OtError("usage", `"${text}" does not name steps.`, {
      hint: "Write <trace>:4, <trace>:4-9 or <trace>:last.",
    });
  }
  if (trace === "") throw new OtError("usage", `"${text}" names no trace.`);
  return { trace, agent, selection: isSelected ? selectionOf(text, groups) : { kind: "all" } };
}

function splitAgent(text: string): Pick<Address, "trace" | "agent"> {
  const slash = text.indexOf("/");
  if (slash < 0) return { trace: text, agent: null };
  return { trace: text.slice(0, slash), agent: text.slice(slash + 1) };
}

function selectionOf(text: string, groups: Record<string, string | undefined>): Selection {
  if (groups["last"] !== undefined) return { kind: "last" };
  const from = Number(groups["from"]);
  if (groups["to"] === undefined) return { kind: "step", index: from };
  const to = Number(groups["to"]);
  if (to < from) throw new OtError("usage", `The range of "${text}" ends before it begins.`);
  return { kind: "range", from, to };
}

/** The steps of one file that a selection means; throws `not-found` for one that is not there. */
export function selectSteps<T>(steps: readonly T[], address: Address): readonly T[] {
  const { selection, trace } = address;
  switch (selection.kind) {
    case "all":
      return steps;
    case "last":
      return steps.slice(-1);
    case "step":
    case "range": {
      const from = selection.kind === "step" ? selection.index : selection.from;
      const to = selection.kind === "step" ? selection.index : selection.to;
      const selected = steps.slice(from, to + 1);
      if (selected.length > 0) return selected;
      throw new OtError(
        "not-found",
        `${trace} has ${steps.length} steps; there is no step ${from}.`,
        {
          hint: steps.length === 0 ? "" : `Its steps are 0 to ${steps.length - 1}.`,
        },
      );
    }
  }
}
