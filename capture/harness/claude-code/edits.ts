import * as z from "zod";
import { rememberedContentBytesMax } from "../../base/limits.ts";
import type { RecordedEdit } from "../../model/trace.ts";
import { applyHunks, applyReplacement, type RecordedHunk, showsHunks } from "./apply-patch.ts";

const optionalText = z.string().nullish().catch(undefined);
const optionalFlag = z.boolean().optional().catch(undefined);

export const Hunks = z
  .array(
    z.object({
      oldStart: z.number(),
      oldLines: z.number(),
      newStart: z.number(),
      newLines: z.number(),
      lines: z.array(z.string()),
    }),
  )
  .optional()
  .catch(undefined);

export const Replacement = z.object({
  old_string: z.string(),
  new_string: z.string(),
  replace_all: optionalFlag,
});

/** The outcome that the client records of Edit, Write and MultiEdit. */
const Outcome = z.object({
  filePath: z.string(),
  type: optionalText,
  content: optionalText,
  originalFile: optionalText,
  originalFileContents: optionalText,
  oldString: optionalText,
  newString: optionalText,
  replaceAll: optionalFlag,
  edits: z.array(Replacement).optional().catch(undefined),
  structuredPatch: Hunks,
  userModified: optionalFlag,
});

const NotebookOutcome = z.object({
  notebook_path: z.string(),
  original_file: optionalText,
  updated_file: optionalText,
  error: optionalText,
});

/** The arguments, for calls of which the client recorded no outcome: those of sub-agents. */
const Input = z.object({
  file_path: z.string(),
  content: optionalText,
  old_string: optionalText,
  new_string: optionalText,
  replace_all: optionalFlag,
  edits: z.array(Replacement).optional().catch(undefined),
});

export interface FinishedEdit {
  readonly tool: string;
  readonly input: unknown;
  readonly outcome: unknown;
  /** What the model was told, e.g. that the file was created. */
  readonly said: string;
}

/** What an edit did to its file; `path` is as the client names it. */
export type EditOutcome = Omit<RecordedEdit, "from">;

/**
 * Derives before and after of edits from what the client recorded of them.
 *
 * Where it recorded nothing (sub-agents), the file as it was last read or written in the same
 * native file stands in, if the edit fits it exactly. A side that is not certain is left out.
 */
export class EditFold {
  readonly #contents = new Map<string, string>();
  #bytes = 0;

  edit(edit: FinishedEdit): EditOutcome | undefined {
    const derived = edit.tool === "NotebookEdit" ? ofNotebook(edit.outcome) : this.#ofText(edit);
    if (derived !== undefined) this.#remember(derived.path, derived.after ?? undefined);
    return derived;
  }

  /** A whole file that the model was shown. */
  read(path: string, content: string): void {
    this.#remember(path, content);
  }

  #ofText(edit: FinishedEdit): EditOutcome | undefined {
    const outcome = Outcome.safeParse(edit.outcome);
    if (outcome.success) return ofOutcome(outcome.data);
    const input = Input.safeParse(edit.input);
    if (!input.success) return undefined;
    return ofInput(input.data, this.#contents.get(input.data.file_path), edit.said);
  }

  #remember(path: string, content: unknown): void {
    this.#bytes -= this.#contents.get(path)?.length ?? 0;
    this.#contents.delete(path);
    if (typeof content !== "string" || content.length > rememberedContentBytesMax) return;
    this.#contents.set(path, content);
    this.#bytes += content.length;
    for (const [oldest, { length }] of this.#contents) {
      if (this.#bytes <= rememberedContentBytesMax) break;
      this.#contents.delete(oldest);
      this.#bytes -= length;
    }
  }
}

function ofOutcome(outcome: z.infer<typeof Outcome>): EditOutcome {
  const { filePath: path, structuredPatch: hunks } = outcome;
  const userModified = outcome.userModified === true ? { userModified: true } : {};
  const original = outcome.originalFile ?? outcome.originalFileContents ?? undefined;
  if (typeof outcome.content === "string" && outcome.oldString === undefined) {
    const isNew = outcome.type === "create" || outcome.originalFile === null;
    const before = isNew ? { before: null } : original === undefined ? {} : { before: original };
    const op = isNew ? "create" : "modify";
    return { path, op, ...before, after: outcome.content, ...userModified };
  }
  const replacements = replacementsOf(outcome);
  if (isCreation(replacements) && (original === undefined || original === "")) {
    const after = replacements[0]?.newString ?? "";
    return { path, op: "create", before: null, after, ...userModified };
  }
  if (original === undefined) return { path, op: "modify", ...userModified };
  const after = afterOf(original, replacements, hunks);
  const sides = after === undefined ? { before: original } : { before: original, after };
  return { path, op: "modify", ...sides, ...userModified };
}

function ofInput(
  input: z.infer<typeof Input>,
  known: string | undefined,
  said: string,
): EditOutcome {
  const path = input.file_path;
  if (typeof input.content === "string") {
    if (said.startsWith("File created")) {
      return { path, op: "create", before: null, after: input.content };
    }
    const before = known === undefined ? {} : { before: known };
    return { path, op: "modify", ...before, after: input.content };
  }
  const replacements = replacementsOf({
    oldString: input.old_string,
    newString: input.new_string,
    replaceAll: input.replace_all,
    edits: input.edits,
  });
  if (known === undefined) return { path, op: "modify" };
  const after = afterOf(known, replacements, undefined);
  return after === undefined
    ? { path, op: "modify" }
    : { path, op: "modify", before: known, after };
}

function ofNotebook(value: unknown): EditOutcome | undefined {
  const outcome = NotebookOutcome.safeParse(value);
  if (!outcome.success) return undefined;
  const { notebook_path: path, original_file: before, updated_file: after, error } = outcome.data;
  if (typeof error === "string" && error !== "") return undefined;
  return {
    path,
    op: "modify",
    ...(typeof before === "string" ? { before } : {}),
    ...(typeof after === "string" ? { after } : {}),
  };
}

export interface TextReplacement {
  readonly oldString: string;
  readonly newString: string;
  readonly isAll: boolean;
}

export function replacementsOf(outcome: {
  oldString?: string | null | undefined;
  newString?: string | null | undefined;
  replaceAll?: boolean | undefined;
  edits?: readonly z.infer<typeof Replacement>[] | undefined;
}): readonly TextReplacement[] {
  if (outcome.edits !== undefined) {
    return outcome.edits.map((edit) => ({
      oldString: edit.old_string,
      newString: edit.new_string,
      isAll: edit.replace_all === true,
    }));
  }
  const { oldString, newString, replaceAll } = outcome;
  if (typeof oldString !== "string" || typeof newString !== "string") return [];
  return [{ oldString, newString, isAll: replaceAll === true }];
}

function isCreation(replacements: readonly TextReplacement[]): boolean {
  return replacements.length === 1 && replacements[0]?.oldString === "";
}

/** The recorded hunks where they fit; else the replacements, if the hunks agree with them. */
function afterOf(
  before: string,
  replacements: readonly TextReplacement[],
  hunks: readonly RecordedHunk[] | undefined,
): string | undefined {
  const patched = hunks === undefined || hunks.length === 0 ? undefined : applyHunks(before, hunks);
  if (patched !== undefined) return patched;
  if (replacements.length === 0) return undefined;
  let after: string | undefined = before;
  for (const replacement of replacements) {
    after = after === undefined ? undefined : applyReplacement(after, replacement);
  }
  return after !== undefined && showsHunks(after, hunks ?? []) ? after : undefined;
}
