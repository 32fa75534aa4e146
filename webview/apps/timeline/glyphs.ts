import type { Fate } from "../../protocol/timeline.ts";

/** Codicon of a step by its kind. */
export function kindIcon(kind: string): string {
  return icons.get(kind) ?? "circle-small";
}

const icons: ReadonlyMap<string, string> = new Map([
  ["prompt", "account"],
  ["thinking", "lightbulb"],
  ["message", "comment"],
  ["plan", "checklist"],
  ["read", "file"],
  ["search", "search"],
  ["edit", "edit"],
  ["command", "terminal"],
  ["web", "globe"],
  ["subagent", "hubot"],
  ["skill", "book"],
  ["tool", "tools"],
  ["compaction", "fold"],
  ["interruption", "debug-stop"],
  ["notice", "info"],
]);

export interface FateGlyph {
  readonly glyph: string;
  readonly words: string;
}

/** No fate is told by colour alone: each has a shape and words. */
export const fates: Readonly<Record<Fate, FateGlyph>> = {
  alive: { glyph: "●", words: "All lines alive" },
  transformed: { glyph: "◐", words: "Partly changed since" },
  reverted: { glyph: "↩", words: "Reverted" },
  lost: { glyph: "×", words: "Lost: overwritten or never kept" },
  pending: { glyph: "○", words: "Not committed yet" },
  unknown: { glyph: "?", words: "Fate unknown" },
};

/** `opus-5-5` for `claude-opus-5-5-20260101`: what people call it. */
export function modelName(model: string): string {
  return model.replace(/^claude-/, "").replace(/-20\d{6}$/, "");
}
