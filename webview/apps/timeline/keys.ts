import type { Move } from "./cursor.ts";

export type KeyAction =
  | { readonly do: "move"; readonly move: Move }
  | { readonly do: "open" | "toggle" | "diff" | "search" };

/** What a key means in the list; null for keys that are somebody else's. */
export function keyAction(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): KeyAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return actions.get(event.key) ?? null;
}

const actions: ReadonlyMap<string, KeyAction> = new Map<string, KeyAction>([
  ["ArrowUp", { do: "move", move: "up" }],
  ["ArrowDown", { do: "move", move: "down" }],
  ["ArrowLeft", { do: "move", move: "previous-turn" }],
  ["ArrowRight", { do: "move", move: "next-turn" }],
  ["Home", { do: "move", move: "home" }],
  ["End", { do: "move", move: "end" }],
  ["Enter", { do: "open" }],
  [" ", { do: "toggle" }],
  ["d", { do: "diff" }],
  ["/", { do: "search" }],
]);
