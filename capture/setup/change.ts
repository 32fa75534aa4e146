import type { SetupAnswer } from "../model/answers.ts";

/** One line of a setup's plan, and of what it did. */
export type Change = SetupAnswer["changes"][number];
