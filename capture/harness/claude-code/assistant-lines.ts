import type { Tokens } from "../../model/trace.ts";
import { type ContentBlock, parseBlock } from "./blocks.ts";
import { blocksOf } from "./canonical.ts";
import { type Folds, placeOf } from "./folds.ts";
import type { AssistantLine } from "./lines.ts";
import { foldResult } from "./results.ts";
import { isForeign } from "./session-facts.ts";
import { describeCall } from "./tools.ts";

/** What the client wrote in the model's name, e.g. that the API failed. */
const synthetic = "<synthetic>";

/** More tokens than any response has, and few enough to add up millions of. */
const countMax = 1e9;

/** Folds an `assistant` record: a step each block. */
export function foldAssistant(line: AssistantLine, folds: Folds): void {
  const { steps, facts, compactions, ctx } = folds;
  compactions.flush();
  const isSynthetic = line.message.model === synthetic || line.isApiErrorMessage === true;
  const response = {
    request: isSynthetic ? null : (line.message.id ?? null),
    model: isSynthetic ? null : (line.message.model ?? null),
  };
  facts.response(line, response.model);
  facts.environment(folds.environment.told());
  if (isForeign(line)) steps.markCopied();
  const tokens = isSynthetic ? null : tokensOf(line);
  if (response.request !== null) {
    const { request: id, model } = response;
    ctx.response({ id, journal: line.requestRef, model, tokens, isCopied: steps.context.isCopied });
  }
  const steped = blocksOf(line.message.content).map((value) => {
    const block = parseBlock(value);
    if (isSynthetic && block.type === "text") return foldSynthetic(block.text, line, folds);
    return foldBlock(block, response, folds);
  });
  const first = steped.find((step) => step !== null);
  if (typeof first === "number" && tokens !== null) {
    // A record that does not say which response it is of is one by itself.
    steps.addUsage(response.request ?? `record ${first}`, first, tokens);
  }
  // The client sends its own words on as an answer, but not those about the API.
  const isSent = line.isApiErrorMessage !== true;
  ctx.message(
    { role: "assistant", content: line.message.content, isSent },
    (index) => steped[index] ?? null,
  );
}

function foldBlock(
  block: ContentBlock,
  response: { readonly request: string | null; readonly model: string | null },
  folds: Folds,
): number | null {
  const { steps } = folds;
  switch (block.type) {
    case "text":
      // Between two calls the model often writes line breaks and nothing else.
      if (block.text.trim() === "") return null;
      return steps.add({ kind: "message", actor: "agent", text: block.text, ...response });
    case "thinking": {
      const flags = block.isRedacted ? ["redacted"] : [];
      return steps.add({ kind: "thinking", actor: "agent", text: block.text, ...response, flags });
    }
    case "call":
      return foldCall(block, response, folds);
    case "result":
      foldResult(block, {}, { steps, edits: folds.edits, place: placeOf(folds) });
      return steps.call(block.id)?.step ?? null;
    case "media": {
      const text = `[${block.media} ${block.what}]`;
      const flags = [block.media];
      return steps.add({ kind: "message", actor: "agent", text, ...response, flags });
    }
    case "reference":
    case "unknown": {
      const name = block.type === "unknown" ? block.name : "tool_reference";
      steps.issue("block-type-unknown", `Blocks of type "${name}" are not known here.`);
      return null;
    }
  }
}

function foldCall(
  call: Extract<ContentBlock, { type: "call" }>,
  response: { readonly request: string | null; readonly model: string | null },
  folds: Folds,
): number {
  const { id, name, input } = call;
  // History that was written into its file again, under new names, has happened once.
  const known = folds.steps.call(id);
  if (known !== undefined) return known.step;
  const { kind, ...described } = describeCall(call, placeOf(folds));
  const step = folds.steps.add({
    kind,
    actor: "agent",
    ...response,
    ...described,
    call: { id, name, input },
  });
  folds.steps.joinHeld(id);
  if (kind === "plan" && described.text !== "") folds.prompts.proposed(step);
  return step;
}

function foldSynthetic(text: string, line: AssistantLine, { steps }: Folds): number {
  const flags = [line.isApiErrorMessage === true ? "api-error" : "synthetic"];
  return steps.add({ kind: "notice", actor: "harness", text, flags });
}

function tokensOf({ message: { usage } }: AssistantLine): Tokens | null {
  if (usage === null || usage === undefined) return null;
  return {
    input: counted(usage.input_tokens),
    output: counted(usage.output_tokens),
    cacheRead: counted(usage.cache_read_input_tokens),
    cacheWrite: counted(usage.cache_creation_input_tokens),
  };
}

/** Whatever a file says, a count is a whole number that can be added up. */
function counted(value = 0): number {
  return Math.min(Math.max(Math.trunc(value), 0), countMax);
}
