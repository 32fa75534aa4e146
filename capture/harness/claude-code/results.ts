import type { RecordedEdit, StepFile } from "../../model/trace.ts";
import { shellWrites } from "../shell-writes.ts";
import { type ContentBlock, hasMedia, textOf, unknownIn } from "./blocks.ts";
import type { EditFold } from "./edits.ts";
import { isRecord } from "./is-record.ts";
import type { UserLine } from "./lines.ts";
import { flagField, numberField, textField } from "./loose-fields.ts";
import { recordedPath } from "./paths.ts";
import { editParts } from "./edit-parts.ts";
import type { NewResult, OpenCall, StepFold, Written } from "./step-fold.ts";
import { toolKinds } from "./tools.ts";

type ResultBlock = Extract<ContentBlock, { type: "result" }>;

/** What the client records of a result beside what the model is told. */
type Recorded = ReturnType<typeof recordedOf>;

const exitCode = /^(?:Error: )?Exit code (\d{1,10})(?:\n|$)/;
const rejection = /^(?:The user doesn't want to |User rejected tool use)/;
const interruption = /^\[Request interrupted by user/;
const savedOutput = /^<persisted-output>\n[^\n]*saved to: ([^\n]+)/;

/** The record of a result; `at` where another line than the current one holds it. */
type ResultLine = Partial<
  Pick<UserLine, "toolUseResult" | "toolDenialKind" | "permissionDecision">
> & { readonly at?: { readonly line: number; readonly atMs: number | null } };

export interface ResultPlace {
  readonly root: string | null;
  readonly cwd: string | null;
}

/** Joins one tool result to its call. One that comes before it becomes an issue, and waits. */
export function foldResult(
  block: ResultBlock,
  line: ResultLine,
  { steps, edits, place }: { steps: StepFold; edits: EditFold; place: ResultPlace },
): void {
  const call = steps.call(block.id);
  if (call === undefined) {
    steps.issue("tool-result-without-call", `No call "${block.id}" was made before its result.`);
    const { raw, atMs } = steps.context;
    const at = { line: raw.line, atMs };
    steps.hold(block.id, () => foldResult(block, { ...line, at }, { steps, edits, place }));
    return;
  }
  const said = textOf(block.content);
  const unknown = unknownIn(block.content);
  if (unknown !== undefined) {
    steps.issue("block-type-unknown", `Blocks of type "${unknown}" are not known in results.`);
  }
  // Of a failed call the client records a text.
  const recorded = recordedOf(isRecord(line.toolUseResult) ? line.toolUseResult : {});
  const isError = block.isError;
  const flags = flagsOf(block, { said, recorded, line });
  const savedAt = recorded.persistedOutputPath ?? savedOutput.exec(said)?.[1];
  const changed = isError ? [] : changesOf(call, { said, line, edits, place });
  rememberRead(call, { said, recorded, edits });
  const written = isError ? [] : writtenBy(call, changed, { line, place });
  steps.addResult(block.id, {
    output: outputOf(said, recorded),
    error: isError,
    exitCode: exitCodeOf(call, { said, isError, flags, recorded }),
    ...(changed.length > 0 ? { edits: changed, files: changed.map(fileOf) } : {}),
    ...(written.length > 0 ? { written } : {}),
    ...(flags.length > 0 ? { flags } : {}),
    ...(recorded.agentId === undefined ? {} : { startedAgent: recorded.agentId }),
    ...(savedAt === undefined ? {} : { attachments: [savedAt] }),
    ...line.at,
  } satisfies NewResult);
}

/** Read by hand, as every result has one: a field of a wrong type counts as absent. */
function recordedOf(outcome: Readonly<Record<string, unknown>>) {
  const { file } = outcome;
  return {
    stdout: textField(outcome["stdout"]),
    stderr: textField(outcome["stderr"]),
    interrupted: flagField(outcome["interrupted"]),
    isImage: flagField(outcome["isImage"]),
    returnCodeInterpretation: textField(outcome["returnCodeInterpretation"]),
    backgroundTaskId: textField(outcome["backgroundTaskId"]),
    backgroundedByUser: flagField(outcome["backgroundedByUser"]),
    persistedOutputPath: textField(outcome["persistedOutputPath"]),
    agentId: textField(outcome["agentId"]),
    isAsync: flagField(outcome["isAsync"]),
    file: isRecord(file)
      ? {
          filePath: textField(file["filePath"]),
          content: textField(file["content"]),
          startLine: numberField(file["startLine"]),
          numLines: numberField(file["numLines"]),
          totalLines: numberField(file["totalLines"]),
        }
      : undefined,
  };
}

/** All that a command printed; for other tools what the model was told. */
function outputOf(said: string, recorded: Recorded): string {
  const { stdout, stderr, isImage } = recorded;
  if (stdout !== undefined && isImage !== true && recorded.backgroundTaskId === undefined) {
    const all = [stdout, stderr ?? ""].filter((part) => part !== "").join("\n");
    if (all !== "") return all;
  }
  return said.replace(/^<tool_use_error>([\s\S]*)<\/tool_use_error>$/, "$1");
}

function exitCodeOf(
  call: OpenCall,
  result: { said: string; isError: boolean; flags: readonly string[]; recorded: Recorded },
): number | null {
  if (toolKinds.get(call.name) !== "command") return null;
  const said = exitCode.exec(result.said)?.[1];
  if (result.isError) return said === undefined ? null : Number(said);
  const isOpen = result.flags.includes("background") || result.flags.includes("interrupted");
  if (isOpen || call.name !== "Bash") return null;
  // The client takes exit code 1 of grep, diff, find and test for an answer, not for an error.
  const { returnCodeInterpretation: meaning } = result.recorded;
  return meaning === undefined || meaning === "" ? 0 : 1;
}

function flagsOf(
  block: ResultBlock,
  from: {
    said: string;
    recorded: Recorded;
    line: ResultLine;
  },
): string[] {
  const { said, recorded, line } = from;
  const isRejected = rejection.test(said) || line.toolUseResult === "User rejected tool use";
  const isDenied =
    line.toolDenialKind !== undefined || line.permissionDecision?.decision === "reject";
  const isInBackground = recorded.backgroundTaskId !== undefined || recorded.isAsync === true;
  const marks = {
    background: isInBackground || recorded.backgroundedByUser === true,
    interrupted: recorded.interrupted === true || interruption.test(said),
    rejected: isRejected,
    denied: isDenied && !isRejected,
    image: recorded.isImage === true || hasMedia(block.content, "image"),
    document: hasMedia(block.content, "document"),
  };
  return Object.entries(marks).flatMap(([mark, isSet]) => (isSet ? [mark] : []));
}

function changesOf(
  call: OpenCall,
  from: {
    said: string;
    line: { toolUseResult?: unknown };
    edits: EditFold;
    place: ResultPlace;
  },
): readonly RecordedEdit[] {
  if (toolKinds.get(call.name) !== "edit") return [];
  const { said, line, edits, place } = from;
  const finished = { tool: call.name, input: call.input, outcome: line.toolUseResult, said };
  const outcome = edits.edit(finished);
  if (outcome === undefined) return [];
  return [{ ...outcome, path: recordedPath(outcome.path, place) }];
}

/** What the call put into files, where no whole content says it better. */
function writtenBy(
  call: OpenCall,
  changed: readonly RecordedEdit[],
  { line, place }: { line: ResultLine; place: ResultPlace },
): readonly Written[] {
  if (call.name === "Bash") {
    const command = isRecord(call.input) ? textField(call.input["command"]) : undefined;
    if (command === undefined) return [];
    return shellWrites(command).map(({ path, parts }) => {
      return { path: recordedPath(path, place), by: "command", parts };
    });
  }
  const unread = changed.filter(({ after }) => after === undefined);
  if (unread.length === 0) return [];
  const parts = editParts(call.input, line.toolUseResult);
  return unread.flatMap(({ path }) => (parts.length === 0 ? [] : { path, by: "edit", parts }));
}

/** A whole read shows what an edit without a recorded outcome starts from. */
function rememberRead(
  call: OpenCall,
  from: { said: string; recorded: Recorded; edits: EditFold },
): void {
  if (call.name !== "Read") return;
  const { file } = from.recorded;
  if (file?.filePath !== undefined && file.content !== undefined) {
    const isWhole = (file.startLine ?? 1) === 1 && file.numLines === file.totalLines;
    if (isWhole) from.edits.read(file.filePath, file.content);
    return;
  }
  const { file_path: path, offset, limit } = isRecord(call.input) ? call.input : {};
  if (typeof path !== "string" || offset !== undefined || limit !== undefined) return;
  const content = unnumbered(from.said);
  if (content !== undefined) from.edits.read(path, content);
}

/** The text behind `1\tfirst line\n2\tsecond line`; undefined if anything else stands there. */
function unnumbered(said: string): string | undefined {
  const lines: string[] = [];
  for (const [index, line] of said.split("\n").entries()) {
    const [, number, rest] = /^ *(\d+)[\t→](.*)$/.exec(line) ?? [];
    if (number === undefined || rest === undefined || Number(number) !== index + 1)
      return undefined;
    lines.push(rest);
  }
  return lines.join("\n");
}

function fileOf(edit: RecordedEdit): StepFile {
  return { path: edit.path, op: edit.op };
}
