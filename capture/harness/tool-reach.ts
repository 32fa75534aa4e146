import { readingTools, toolKinds } from "./claude-code/tools.ts";

/** What a tool call can do to files: those it names, any, any through the steps it starts, none. */
export type Reach = "named" | "any" | "container" | "none";

const reaches: ReadonlyMap<string, Reach> = new Map([
  ...[...toolKinds].flatMap(([name, kind]): [string, Reach][] => {
    if (kind === "edit") return [[name, "named"]];
    return kind === "subagent" || kind === "skill" ? [[name, "container"]] : [];
  }),
  ...ofAll("none", readingTools),
  // Codex, Pi
  ...ofAll("none", ["read_file", "view_image", "read", "grep", "find", "ls"]),
  ...ofAll("named", ["apply_patch", "edit", "write"]),
]);

/** By the name alone, whichever agent has the tool. One nobody has heard of may do anything. */
export function reachOfTool(tool: string): Reach {
  return reaches.get(tool) ?? "any";
}

function ofAll(reach: Reach, names: readonly string[]): [string, Reach][] {
  return names.map((name) => [name, reach]);
}
