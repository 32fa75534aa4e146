// What the suites in the extension host do in the editor.
import assert from "node:assert/strict";

import * as vscode from "vscode";

const waitMsMax = 20_000;

export function folder(): vscode.Uri {
  const uri = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(uri, "a folder is open");
  return uri;
}

/** Asks again until there is an answer; the engine may still be on its way up. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + waitMsMax;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < endMs, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export function lineOf(document: vscode.TextDocument, text: string): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `the file has a line with ${text}`);
  return document.positionAt(offset);
}

export async function ourHover(document: vscode.TextDocument, at: vscode.Position) {
  const command = "vscode.executeHoverProvider";
  const hovers: vscode.Hover[] = await vscode.commands.executeCommand(command, document.uri, at);
  return hovers
    .flatMap(({ contents }) => contents)
    .find((content) => content instanceof vscode.MarkdownString && content.value.includes("line"));
}

export function drawn(content: unknown): string {
  const markdown = content instanceof vscode.MarkdownString ? content.value : "";
  return markdown.replaceAll(/&#(\d+);/gu, (_, code) => String.fromCodePoint(Number(code)));
}
