import type { HarnessAdapter } from "../adapter.ts";
import { ClaudeDecoder } from "./decoder.ts";
import { JournalObserver } from "./journal.ts";
import { classify, companionFacts, companions, recognise, roots } from "./paths.ts";

/** Claude Code: one JSON object a line, under `~/.claude/projects/<slug>/<session>.jsonl`. */
export const claudeCode: HarnessAdapter = {
  id: "claude-code",
  roots,
  classify,
  recognise,
  companions,
  companionFacts,
  openDecoder: (file) => new ClaudeDecoder(file),
  openObserver: () => new JournalObserver(),
};
