import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import * as vscode from "vscode";

import { folder, ourHover, drawn, lineOf, until } from "./editor.ts";

const session = "66666666-aaaa-4aaa-8aaa-000000000001";
const name = "prices.shop";
const written = "let a = 'one'\nlet total =\n  add(a)\nlet last = 3.0;\n";

/** Double quotes, a statement in one line, and no needless zeros. */
function formatted(text: string): string {
  const joined = text.replaceAll("'", '"').replaceAll(/=\n +(.*)/gu, "= $1;");
  return joined.replaceAll(/(\d)\.0\b/gu, "$1");
}

/** An agent of this very hour that has written a file, told by hooks and transcript as ever. */
class LiveAgent {
  readonly #root = folder().fsPath;
  readonly #transcript: string;
  #last: string | null = null;
  #count = 0;

  constructor() {
    const projects = path.join(process.env["CLAUDE_CONFIG_DIR"] ?? "", "projects/-live");
    mkdirSync(projects, { recursive: true });
    this.#transcript = path.join(projects, `${session}.jsonl`);
  }

  async writes(file: string, content: string): Promise<void> {
    const call = { id: "toolu_1", name: "Write" };
    const input = { file_path: path.join(this.#root, file), content };
    const tool = { tool_name: call.name, tool_use_id: call.id, tool_input: input };
    await this.#hook("SessionStart", { source: "startup" });
    await this.#hook("UserPromptSubmit", { prompt: "List the prices." });
    this.#record("user", { role: "user", content: "List the prices." });
    const use = { type: "tool_use", ...call, input };
    const message = { id: "m1", role: "assistant", model: "claude-opus-5-5", content: [use] };
    this.#record("assistant", message);
    await this.#hook("PreToolUse", tool);
    writeFileSync(path.join(this.#root, file), content);
    await this.#hook("PostToolUse", { ...tool, tool_response: { type: "create", content } });
    const result = { type: "tool_result", tool_use_id: call.id, content: "Created." };
    this.#record("user", { role: "user", content: [result] });
    await this.#hook("Stop", {});
  }

  #record(type: string, message: object): void {
    this.#count += 1;
    const uuid = `live-${this.#count}`;
    const record = {
      parentUuid: this.#last,
      type,
      uuid,
      timestamp: new Date().toISOString(),
      sessionId: session,
      cwd: this.#root,
      version: "2.1.330",
      message,
    };
    this.#last = uuid;
    appendFileSync(this.#transcript, `${JSON.stringify(record)}\n`);
  }

  async #hook(event: string, more: object): Promise<void> {
    const common = { session_id: session, transcript_path: this.#transcript, cwd: this.#root };
    const shim = path.join(process.env["OPENTRACES_HOME"] ?? "", "bin/opentraces-hook");
    const running = promisify(execFile)(shim, ["claude-code", event], { cwd: this.#root });
    running.child.stdin?.end(JSON.stringify({ ...common, hook_event_name: event, ...more }));
    await running;
  }
}

async function set(section: string, value: unknown): Promise<void> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration().update(section, value, target);
}

async function typeAtEnd(editor: vscode.TextEditor, text: string): Promise<void> {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  await vscode.commands.executeCommand("type", { text });
}

/** The hover of the line with `text`, once it says `words`. */
function says(document: vscode.TextDocument, text: string, words: string): Promise<string> {
  return until(`"${words}" at ${text}`, async () => {
    const said = drawn(await ourHover(document, lineOf(document, text)));
    return said.includes(words) ? said : undefined;
  });
}

suite("a formatter", () => {
  let editor: vscode.TextEditor;
  const registered = vscode.languages.registerDocumentFormattingEditProvider(
    { pattern: `**/${name}` },
    {
      provideDocumentFormattingEdits: (document) => {
        const whole = new vscode.Range(0, 0, document.lineCount, 0);
        return [vscode.TextEdit.replace(whole, formatted(document.getText()))];
      },
    },
  );
  suiteTeardown(async () => {
    registered.dispose();
    for (const key of ["editor.formatOnSave", "files.autoSave"]) await set(key, undefined);
  });

  test("finds a file that an agent has just written", async () => {
    await set("files.autoSave", "off");
    await new LiveAgent().writes(name, written);
    const uri = vscode.Uri.joinPath(folder(), name);
    editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    await says(editor.document, "let total", "Claude Code** wrote this line");
  });

  test("on save owns the line whose words it changed, none that it joined", async () => {
    await set("editor.formatOnSave", true);
    await typeAtEnd(editor, "let mine = 'x'");
    await vscode.commands.executeCommand("workbench.action.files.save");
    const { document } = editor;
    assert.equal(document.getText(), `${formatted(written)}let mine = "x"`);
    const words = await says(document, "let last = 3;", "A formatter wrote this line");
    assert.match(words, /Before it: step \d+ \(derived\)/u);
    await says(document, 'let a = "one"', "Claude Code** wrote this line");
    await says(document, "let total = add(a);", "Claude Code** wrote this line");
    await says(document, "let mine", "You wrote this line");
  });

  test("run by its command owns what it made just so, before it is saved", async () => {
    await set("editor.formatOnSave", false);
    const { document } = editor;
    await typeAtEnd(editor, "\nlet more =\n'y'\nlet rest = 'z'");
    await vscode.commands.executeCommand("workbench.action.files.save");
    await says(document, "let more", "You wrote this line");
    // Text that some other extension puts in is nobody's.
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "let odd =\n  add(last)\n"));
    editor.selection = new vscode.Selection(2, 0, 2, 0);
    await vscode.commands.executeCommand("editor.action.formatDocument");
    assert.ok(document.isDirty && document.getText().startsWith("let odd = add(last);\n"));
    await says(document, "let odd", "A formatter wrote this line");
    await says(document, "let last", "A formatter wrote this line");
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  test("is not what another extension's edit looks like", async () => {
    const { document } = editor;
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), "let by = 'tool'\n");
      edit.insert(new vscode.Position(2, 0), "let other = 'tool'\n");
    });
    await document.save();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    for (const text of ["let by", "let other"]) {
      const words = drawn(await ourHover(document, lineOf(document, text)));
      assert.doesNotMatch(words, /A formatter|You wrote|Claude Code/u, text);
    }
  });
});
