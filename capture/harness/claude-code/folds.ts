import type { NativeFileRef } from "../adapter.ts";
import { BranchFold } from "./branches.ts";
import { CompactionFold } from "./compaction.ts";
import { CtxFold } from "./ctx-fold.ts";
import { EditFold } from "./edits.ts";
import { EnvironmentFold } from "./environment-fold.ts";
import { PromptFold } from "./prompts.ts";
import { FactsFold } from "./session-facts.ts";
import { StepFold } from "./step-fold.ts";

export type OpenedFile = NativeFileRef & { readonly file: number; readonly root: string | null };

/** The parts of one file's fold, as the functions for the line types are given them. */
export interface Folds {
  readonly steps: StepFold;
  readonly prompts: PromptFold;
  readonly branches: BranchFold;
  readonly compactions: CompactionFold;
  readonly facts: FactsFold;
  readonly edits: EditFold;
  readonly environment: EnvironmentFold;
  readonly ctx: CtxFold;
  readonly file: OpenedFile;
}

export function openFolds(file: OpenedFile): Folds {
  const steps = new StepFold(file);
  return {
    steps,
    prompts: new PromptFold(steps),
    branches: new BranchFold(),
    compactions: new CompactionFold(steps),
    facts: new FactsFold(steps),
    edits: new EditFold(),
    environment: new EnvironmentFold(),
    ctx: new CtxFold(file.file),
    file,
  };
}

/** What paths of the line's calls are relative to. */
export function placeOf({ file, steps }: Folds): { root: string | null; cwd: string | null } {
  return { root: file.root, cwd: steps.context.cwd };
}
