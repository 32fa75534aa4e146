import type { HarnessAdapter } from "./adapter.ts";
import { claudeCode } from "./claude-code/adapter.ts";

/** Every coding agent whose files can be read. */
export const adapters: readonly HarnessAdapter[] = [claudeCode];
