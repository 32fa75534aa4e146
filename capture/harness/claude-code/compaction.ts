import type { SystemLine } from "./lines.ts";
import type { StepFold } from "./step-fold.ts";

/**
 * Makes one step of a compaction: of its boundary record and the summary record that follows.
 *
 * The step's text is the summary. Its flags carry the numbers: `trigger:manual`,
 * `tokens-before:13492`, `tokens-after:2950`, each only where it was recorded.
 */
export class CompactionFold {
  readonly #steps: StepFold;
  #flags: readonly string[] | undefined;

  constructor(steps: StepFold) {
    this.#steps = steps;
  }

  boundary(line: SystemLine): void {
    this.flush();
    const { trigger, preTokens, postTokens } = line.compactMetadata ?? {};
    this.#flags = [
      ...(trigger === undefined ? [] : [`trigger:${trigger}`]),
      ...(preTokens === undefined ? [] : [`tokens-before:${preTokens}`]),
      ...(postTokens === undefined ? [] : [`tokens-after:${postTokens}`]),
    ];
  }

  /** Answers the step's index. */
  summary(text: string): number {
    const flags = this.#flags ?? [];
    this.#flags = undefined;
    return this.#steps.add({ kind: "compaction", actor: "harness", text, flags });
  }

  /** Whatever else follows: the boundary had no summary, and is a step by itself. */
  flush(): number | undefined {
    return this.#flags === undefined ? undefined : this.summary("");
  }
}
