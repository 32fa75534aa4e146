import type { StepFile, StepKind } from "../../model/trace.ts";
import { isRecord } from "./is-record.ts";
import { flagField, textField } from "./loose-fields.ts";
import { recordedPath } from "./paths.ts";

/** Kinds of the client's own tools; any other one, and every MCP tool, is kind `tool`. */
export const toolKinds: ReadonlyMap<string, StepKind> = new Map(
  Object.entries({
    read: "Read NotebookRead",
    search: "Grep Glob LS ToolSearch LSP",
    edit: "Edit Write MultiEdit NotebookEdit",
    command: "Bash BashOutput KillShell KillBash PowerShell Monitor TaskOutput TaskStop",
    web: "WebFetch WebSearch web_search web_fetch",
    subagent: "Agent Task",
    skill: "Skill SlashCommand",
    plan:
      "ExitPlanMode EnterPlanMode TodoWrite TodoRead TaskCreate TaskUpdate TaskList TaskGet " +
      "exit_plan_mode",
  } satisfies Partial<Record<StepKind, string>>).flatMap(([kind, names]) =>
    // Safe: the keys are checked by `satisfies`; `entries` only forgets their type.
    names.split(" ").map((name) => [name, kind as StepKind] as const),
  ),
);

const lookingKinds: ReadonlySet<StepKind> = new Set(["read", "search", "web", "plan"]);

/** Tools that never change a file of the work tree. Any other may, unknown ones included. */
export const readingTools: readonly string[] = [
  ...[...toolKinds].flatMap(([name, kind]) => (lookingKinds.has(kind) ? [name] : [])),
  "AskUserQuestion",
  "BashOutput",
  "ListMcpResourcesTool",
  "ReadMcpResourceTool",
  "TaskOutput",
];

/** What a call says about itself: its kind, its files, and one text to show for it. */
export interface DescribedCall {
  readonly kind: StepKind;
  readonly text: string;
  readonly files: readonly StepFile[];
  readonly flags: readonly string[];
}

export function describeCall(
  call: { readonly name: string; readonly input: unknown },
  place: { root: string | null; cwd: string | null },
): DescribedCall {
  const kind = toolKinds.get(call.name) ?? "tool";
  const input = inputOf(isRecord(call.input) ? call.input : {});
  const path = input.file_path ?? input.notebook_path;
  const files: readonly StepFile[] =
    path === undefined || (kind !== "read" && kind !== "edit")
      ? []
      : [{ path: recordedPath(path, place), op: kind === "read" ? "read" : "modify" }];
  const flags = input.run_in_background === true ? ["background"] : [];
  return { kind, text: files[0]?.path ?? labelOf(kind, input), files, flags };
}

/** Read by hand, as every call has one: an argument of a wrong type counts as absent. */
function inputOf(input: Readonly<Record<string, unknown>>) {
  return {
    file_path: textField(input["file_path"]),
    notebook_path: textField(input["notebook_path"]),
    command: textField(input["command"]),
    query: textField(input["query"]),
    pattern: textField(input["pattern"]),
    url: textField(input["url"]),
    description: textField(input["description"]),
    skill: textField(input["skill"]),
    plan: textField(input["plan"]),
    run_in_background: flagField(input["run_in_background"]),
  };
}

function labelOf(kind: StepKind, input: ReturnType<typeof inputOf>): string {
  if (kind === "plan") return input.plan ?? "";
  if (kind === "command") return input.command ?? "";
  const { pattern, query, url, skill, description } = input;
  return pattern ?? query ?? url ?? skill ?? description ?? "";
}
