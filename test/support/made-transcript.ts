import { posix } from "node:path";
import type { Dice } from "./made-code.ts";

/** How one client of one developer writes its transcripts. */
export interface ClientStyle {
  /** Root of the developer's own clone, which is not here. */
  readonly root: string;
  readonly cwd: string;
  readonly version: string;
  /** What edits record beside their arguments: whole files, or nothing. */
  readonly outcomes: "whole" | "none";
}

/** One change of one file as a tool call made it. */
export interface MadeChange {
  readonly path: string;
  /** Null for a file that is new. */
  readonly before: readonly string[] | null;
  readonly after: readonly string[];
  readonly form: "edit" | "write" | "multi" | "all" | "heredoc" | "append" | "sed" | "script";
  /** Of a name that changed everywhere. */
  readonly renamed?: readonly [from: string, to: string];
  readonly fails?: boolean;
}

/** The records of one made session, in the order and form of the client. */
export class MadeTranscript {
  readonly id: string;
  readonly lines: string[] = [];
  readonly style: ClientStyle;
  readonly #dice: Dice;
  #last: string | null = null;
  #atMs: number;

  constructor(dice: Dice, style: ClientStyle, id: string, atMs: number) {
    this.#dice = dice;
    this.style = style;
    this.id = id;
    this.#atMs = atMs;
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** Lets time pass. */
  wait(ms: number): void {
    this.#atMs += ms;
  }

  prompt(text: string): void {
    this.#record("user", { message: { role: "user", content: text } });
  }

  says(text: string): void {
    this.#answer({ type: "text", text });
  }

  read(path: string, lines: readonly string[]): void {
    const file = { filePath: this.#absolute(path), content: textOf(lines), startLine: 1 };
    const said = lines.map((line, at) => `${String(at + 1).padStart(6)}→${line}`).join("\n");
    const counts = { numLines: lines.length, totalLines: lines.length };
    const outcome = { type: "text", file: { ...file, ...counts } };
    this.#tool("Read", { file_path: file.filePath }, { said, outcome });
  }

  bash(command: string, said = ""): void {
    const outcome = { stdout: said, stderr: "", interrupted: false, isImage: false };
    this.#tool("Bash", { command, description: "Run" }, { said, outcome });
  }

  change(change: MadeChange): void {
    const { form, before, after } = change;
    const path = posix.relative(this.style.cwd, this.#absolute(change.path));
    if (form === "heredoc") {
      return this.bash(`cat > ${path} <<'EOF'\n${textOf(after)}EOF\nnpx tsc --noEmit`);
    }
    if (form === "append") {
      const added = after.slice(before?.length ?? 0);
      return this.bash(`cd ${this.style.cwd} && cat >> ${path} << EOF\n${textOf(added)}EOF`);
    }
    if (form === "sed") return this.bash(`sed -i '' 's/${change.renamed?.join("/")}/g' ${path}`);
    if (form === "script") return this.#script(change);
    if (form === "write") return this.#write(change);
    this.#edit(change);
  }

  /** Begins with the records of another session, as a resumed one does. */
  copy(other: MadeTranscript): void {
    for (const line of other.lines) this.lines.push(line.replaceAll(other.id, this.id));
    this.#last = other.#last;
  }

  #write({ path, before, after }: MadeChange): void {
    const filePath = this.#absolute(path);
    const isNew = before === null;
    const what = isNew ? "File created successfully at" : "The file has been updated";
    const said = `${what}: ${filePath}`;
    const type = isNew ? "create" : "update";
    const content = textOf(after);
    const original = isNew ? { originalFile: null } : { originalFile: textOf(before) };
    const outcome = { type, filePath, content, structuredPatch: [], ...original };
    this.#tool("Write", { file_path: filePath, content }, { said, outcome });
  }

  #edit({ path, before, after, form, renamed, fails = false }: MadeChange): void {
    const filePath = this.#absolute(path);
    const original = textOf(before ?? []);
    const edits = renamed === undefined ? [between(before ?? [], after)] : [renamed];
    const all = form === "all";
    const [[oldString, newString] = ["", ""]] = edits;
    if (fails) {
      const said = "<tool_use_error>String to replace not found in file.</tool_use_error>";
      const input = { file_path: filePath, old_string: oldString, new_string: newString };
      return this.#tool("Edit", input, { said, outcome: "Error: not found", fails });
    }
    const said = `The file ${filePath} has been updated.`;
    const patch = { originalFile: original, structuredPatch: [], userModified: false };
    if (form === "multi") {
      const list = edits.map(([old_string, new_string]) => ({ old_string, new_string }));
      const outcome = { filePath, edits: list, originalFileContents: original };
      return this.#tool("MultiEdit", { file_path: filePath, edits: list }, { said, outcome });
    }
    const input = { file_path: filePath, old_string: oldString, new_string: newString };
    const outcome = { filePath, oldString, newString, replaceAll: all, ...patch };
    this.#tool("Edit", all ? { ...input, replace_all: true } : input, { said, outcome });
  }

  #script({ path, before, after }: MadeChange): void {
    const [old, now] = between(before ?? [], after);
    const change = `s = s.replace("""${old}""", """${now}""")`;
    const name = posix.relative(this.style.cwd, this.#absolute(path));
    const body = `p = "${name}"\ns = open(p).read()\n${change}\nopen(p, "w").write(s)\n`;
    this.bash(`python3 - <<'PY'\n${body}PY`);
  }

  #tool(
    name: string,
    input: unknown,
    { said, outcome, fails = false }: { said: string; outcome: unknown; fails?: boolean },
  ): void {
    const id = `toolu_${this.#dice.hex(20)}`;
    this.#answer({ type: "tool_use", id, name, input });
    const isError = fails ? { is_error: true } : {};
    const content = [{ type: "tool_result", tool_use_id: id, content: said, ...isError }];
    const isEdit = name === "Edit" || name === "Write" || name === "MultiEdit";
    const recorded = isEdit && this.style.outcomes === "none" ? {} : { toolUseResult: outcome };
    this.#record("user", { message: { role: "user", content }, ...recorded });
  }

  #answer(block: unknown): void {
    const id = `msg_${this.#dice.hex(20)}`;
    const usage = { input_tokens: 10, output_tokens: 20 };
    const message = { role: "assistant", id, model: "claude-test", content: [block], usage };
    this.#record("assistant", { message });
  }

  #record(type: string, members: Readonly<Record<string, unknown>>): void {
    this.#atMs += 1000 + this.#dice.below(20_000);
    const uuid = uuidOf(this.#dice);
    const { cwd, version } = this.style;
    const timestamp = new Date(this.#atMs).toISOString();
    const place = { sessionId: this.id, cwd, version, gitBranch: "main", isSidechain: false };
    const record = { parentUuid: this.#last, type, uuid, timestamp, ...place, ...members };
    this.lines.push(JSON.stringify(record));
    this.#last = uuid;
  }

  #absolute(path: string): string {
    return `${this.style.root}/${path}`;
  }
}

export function uuidOf(dice: Dice): string {
  return [8, 4, 4, 4, 12].map((length) => dice.hex(length)).join("-");
}

export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** The text that differs, with a line around it where there is one. */
function between(
  before: readonly string[],
  after: readonly string[],
): readonly [old: string, now: string] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - 2);
  const keep = Math.max(0, tail - 2);
  const old = before.slice(from, before.length - keep).join("\n");
  return [old, after.slice(from, after.length - keep).join("\n")];
}
